import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// Requests about files and batches, and what becomes of their answers.
struct PlatformRequestTests {
    private func written(_ request: PlatformRequest, _ answer: String) -> String? {
        let tape = JSONTape()
        var output = ByteBuffer()
        let isRead = ByteBuffer(string: answer).withUnsafeReadableBytes { bytes in
            (try? tape.parse(bytes)).map { request.write($0, into: &output) } ?? false
        }
        return isRead ? String(buffer: output) : nil
    }

    private func batch(_ json: String, strict: Bool = false) throws(APIError) -> PlatformRequest {
        try PlatformRequest.createBatch(
            ByteBuffer(string: json),
            tape: JSONTape(),
            options: TranslationOptions(),
            strict: strict
        )
    }

    // MARK: - Purposes

    @Test(arguments: [
        ("assistants", FilePurpose.extraction), ("user_data", .extraction), ("file-extract", .extraction),
        ("batch", .batch),
    ])
    func thePurposesThatWork(_ word: String, _ purpose: FilePurpose) throws {
        #expect(try FilePurpose(word) == purpose)
    }

    @Test(arguments: ["vision", "fine-tune", "evals", ""])
    func otherPurposesAreRefusedWithThoseThatWork(_ word: String) throws {
        let error = try #require(throws: APIError.self) { try FilePurpose(word) }
        #expect(error.status == 400)
        #expect(error.param == "purpose")
        #expect(error.message.contains("user_data"))
        #expect(error.message.contains("batch"))
    }

    @Test func picturesHaveABoundOfTheirOwn() {
        #expect(FilePurpose.extraction.maximumBytes(filename: "a.pdf") == 150 << 20)
        #expect(FilePurpose.extraction.maximumBytes(filename: "a.PNG") == 20 << 20)
        #expect(FilePurpose.batch.maximumBytes(filename: "a.jsonl") == 500 << 20)
    }

    // MARK: - Files

    @Test func aFileHasTheCallersPurpose() throws {
        let request = PlatformRequest.upload(purpose: "assistants")
        let answer =
            #"{"id":"file-fe-1","object":"file","bytes":12,"filename":"a.txt","purpose":"file-extract","#
            + #""status":"processing","created_at":5,"status_details":null,"md5":"x"}"#
        #expect(
            written(request, answer)
                == #"{"id":"file-fe-1","object":"file","bytes":12,"created_at":5,"filename":"a.txt","purpose":"assistants","#
                + #""status":"uploaded","md5":"x"}"#
        )
        #expect(written(try .file("file-fe-1"), answer)?.contains(#""purpose":"user_data""#) == true)
    }

    @Test func whatABatchWroteKeepsItsPurpose() throws {
        let answer = #"{"id":"file-batch_output-1","bytes":1,"filename":"o","purpose":"batch_output","created_at":5}"#
        #expect(written(try .file("file-batch_output-1"), answer)?.contains(#""purpose":"batch_output""#) == true)
    }

    @Test func aPageNamesItsFirstAndLastFile() throws {
        let request = try PlatformRequest.files([("purpose", "assistants"), ("limit", "2"), ("after", "file-fe-0")])
        #expect(request.target == "/compatible-mode/v1/files?purpose=file-extract&limit=2&after=file-fe-0")
        let answer =
            #"{"object":"list","has_more":true,"data":[{"id":"file-fe-1","purpose":"file-extract"},{"id":"file-fe-2"}]}"#
        let page = try #require(written(request, answer))
        #expect(page.hasSuffix(#"],"first_id":"file-fe-1","last_id":"file-fe-2","has_more":true}"#))
        #expect(page.contains(#""purpose":"assistants""#))
    }

    @Test func aPageIsNoLongerThanDashScopesLongest() throws {
        let request = try PlatformRequest.files([("limit", "10000"), ("order", "desc"), ("colour", "red")])
        #expect(request.target == "/compatible-mode/v1/files?limit=2000")
        #expect(request.adjustments.entries.map(\.name) == ["limit", "colour"])
    }

    @Test(arguments: [
        ("order", "asc"), ("order", "up"), ("limit", "0"), ("limit", "10001"), ("after", "../batches"),
        ("purpose", "vision"),
    ])
    func queriesThatCannotBeAnswered(_ name: String, _ value: String) throws {
        let error = try #require(throws: APIError.self) { try PlatformRequest.files([(name, value)]) }
        #expect(error.status == 400)
        #expect(error.param == name)
    }

    @Test(arguments: ["..", "a/b", "a?b", "", "a b", "a%2Fb"])
    func whatIsNoIDIsNotFound(_ id: String) throws {
        let error = try #require(throws: APIError.self) { try PlatformRequest.file(id) }
        #expect(error.status == 404)
        #expect(error.param == "id")
        #expect(error.code == nil)
    }

    // MARK: - Batches

    @Test func aBatchIsCarried() throws {
        let request = try batch(
            #"{"input_file_id":"file-batch-1","endpoint":"/v1/embeddings","completion_window":"2d","#
                + #""metadata":{"ds_name":"n"},"extra":1,"output_expires_after":{"anchor":"created_at","seconds":3600}}"#
        )
        #expect(
            String(buffer: request.body)
                == #"{"input_file_id":"file-batch-1","endpoint":"/v1/embeddings","completion_window":"2d","#
                + #""metadata":{"ds_name":"n"},"extra":1}"#
        )
        #expect(request.adjustments.entries.map(\.name) == ["output_expires_after"])
    }

    @Test(arguments: [
        (#"{"endpoint":"/v1/embeddings","completion_window":"24h"}"#, "input_file_id"),
        (#"{"input_file_id":"f","completion_window":"24h"}"#, "endpoint"),
        (#"{"input_file_id":"f","endpoint":"/v1/responses","completion_window":"24h"}"#, "endpoint"),
        (#"{"input_file_id":"f","endpoint":"/v1/embeddings"}"#, "completion_window"),
        (#"{"input_file_id":"f","endpoint":"/v1/embeddings","completion_window":"23h"}"#, "completion_window"),
        (#"{"input_file_id":"f","endpoint":"/v1/embeddings","completion_window":"1.5d"}"#, "completion_window"),
        (#"{"input_file_id":1,"endpoint":"/v1/embeddings","completion_window":"24h"}"#, "input_file_id"),
    ])
    func batchesThatCannotBeStarted(_ json: String, _ param: String) throws {
        let error = try #require(throws: APIError.self) { try batch(json) }
        #expect(error.status == 400)
        #expect(error.param == param)
    }

    @Test func strictModeRefusesWhatIsLeftOut() throws {
        let json =
            #"{"input_file_id":"f","endpoint":"/v1/embeddings","completion_window":"24h","output_expires_after":{}}"#
        let error = try #require(throws: APIError.self) { try batch(json, strict: true) }
        #expect(error.param == "output_expires_after")
    }

    @Test func aBatchHasAllMembers() throws {
        let text = try #require(
            written(try .batch("batch_1"), #"{"id":"batch_1","status":"validating","created_at":1,"extra":{"a":1}}"#)
        )
        for name in ["errors", "output_file_id", "expires_at", "cancelled_at", "request_counts", "metadata"] {
            #expect(text.contains("\"\(name)\":null"), "\(name)")
        }
        #expect(text.hasSuffix(#","extra":{"a":1}}"#))
    }

    @Test func anEmptyPageOfBatchesIsAnEmptyList() throws {
        #expect(
            written(try .batches([]), #"{"object":"list","data":null,"first_id":null,"last_id":null,"has_more":false}"#)
                == #"{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}"#
        )
    }

    // MARK: - Refusals

    private func refusal(_ status: Int, _ message: String, code: String = "") -> APIError {
        ErrorTable.map(status: status, code: code, message: message, requestID: "r")
    }

    @Test func aMissingObjectIsNotFound() throws {
        let error = try PlatformRequest.file("file-fe-1").refusal(refusal(400, "File not found."))
        #expect(error.status == 404)
        #expect(error.message == "No such File object: file-fe-1")
        #expect(error.param == "id")
        #expect(error.code == nil)
        #expect(error.requestID == "r")
        let batch = try PlatformRequest.batch("batch_1").refusal(refusal(400, "The batch 'batch_1' was not found."))
        #expect(batch.status == 404)
        #expect(batch.message == "No batch found with id 'batch_1'.")
    }

    @Test func otherRefusalsStay() throws {
        let request = try PlatformRequest.file("file-fe-1")
        #expect(request.refusal(refusal(401, "The key was not found.")).status == 401)
        #expect(request.refusal(refusal(500, "not found")).status == 500)
        #expect(request.refusal(refusal(400, "Too large.")).status == 400)
        let page = try PlatformRequest.files([("after", "file-fe-9")]).refusal(refusal(400, "File not found."))
        #expect(page.status == 400)
        #expect(page.param == "after")
    }

    @Test func theFieldThatAnOpenAIFormNamesStays() throws {
        let body =
            #"{"error":{"message":"'purpose' must be 'file-extract'","type":"invalid_request_error","param":"purpose","#
            + #""code":null},"request_id":"r-1"}"#
        let error = ByteBuffer(string: body).withUnsafeReadableBytes {
            ErrorTable.map(status: 400, body: $0, requestIDHeader: nil, tape: JSONTape())
        }
        #expect(error.param == "purpose")
        #expect(error.requestID == "r-1")
    }
}
