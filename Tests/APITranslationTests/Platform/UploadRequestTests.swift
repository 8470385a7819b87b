import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// What is read of requests for uploads in parts, and what is answered.
struct UploadRequestTests {
    private static let good = #""filename":"a.jsonl","purpose":"batch","bytes":12,"mime_type":"text/jsonl""#

    private func create(_ json: String, strict: Bool = false) throws(APIError) -> UploadRequest {
        try UploadRequest(ByteBuffer(string: json), tape: JSONTape(), options: TranslationOptions(), strict: strict)
    }

    private func complete(_ json: String) throws(APIError) -> UploadCompletionRequest {
        try UploadCompletionRequest(
            ByteBuffer(string: json),
            tape: JSONTape(),
            options: TranslationOptions(),
            maximumParts: 3
        )
    }

    @Test func anUploadIsWrittenWithTheCallersWords() throws {
        let request = try create("{\(Self.good)}")
        #expect(request.purpose == .batch)
        let object = UploadObject(request, id: "upload_1", created: 5, lifetime: 3600)
        var output = ByteBuffer()
        object.write(.pending, into: &output)
        let pending =
            #"{"id":"upload_1","object":"upload","bytes":12,"created_at":5,"expires_at":3605,"filename":"a.jsonl","#
            + #""purpose":"batch","status":"pending"}"#
        #expect(String(buffer: output) == pending)
        output.clear()
        object.write(.completed, file: ByteBuffer(string: #"{"id":"file-1"}"#), into: &output)
        #expect(String(buffer: output).hasSuffix(#""status":"completed","file":{"id":"file-1"}}"#))
        output.clear()
        UploadObject.writePart("part_1", of: "upload_1", created: 6, into: &output)
        let part = #"{"id":"part_1","object":"upload.part","created_at":6,"upload_id":"upload_1"}"#
        #expect(String(buffer: output) == part)
    }

    @Test(arguments: [
        (#"{"purpose":"batch","bytes":1,"mime_type":"a/b"}"#, "filename", 400),
        (#"{"filename":"","purpose":"batch","bytes":1,"mime_type":"a/b"}"#, "filename", 400),
        (#"{"filename":"a","bytes":1,"mime_type":"a/b"}"#, "purpose", 400),
        (#"{"filename":"a","purpose":"vision","bytes":1,"mime_type":"a/b"}"#, "purpose", 400),
        (#"{"filename":"a","purpose":"batch","mime_type":"a/b"}"#, "bytes", 400),
        (#"{"filename":"a","purpose":"batch","bytes":0,"mime_type":"a/b"}"#, "bytes", 400),
        (#"{"filename":"a","purpose":"batch","bytes":"1","mime_type":"a/b"}"#, "bytes", 400),
        (#"{"filename":"a","purpose":"batch","bytes":1}"#, "mime_type", 400),
        (#"{"filename":"a.png","purpose":"user_data","bytes":20971521,"mime_type":"image/png"}"#, "bytes", 413),
        (#"{"filename":"a","purpose":"batch","bytes":524288001,"mime_type":"a/b"}"#, "bytes", 413),
    ])
    func whatCannotBeAFileIsRefused(_ json: String, _ param: String, _ status: Int) throws {
        let error = try #require(throws: APIError.self) { try create(json) }
        #expect(error.status == status)
        #expect(error.param == param)
    }

    @Test func aNameThatIsTooLongIsRefused() throws {
        let name = String(repeating: "x", count: 1025)
        let json = #"{"filename":"\#(name)","purpose":"batch","bytes":1,"mime_type":"a/b"}"#
        #expect(try #require(throws: APIError.self) { try create(json) }.param == "filename")
    }

    @Test func whatHasNoCounterpartIsReportedOrRefused() throws {
        let json = #"{\#(Self.good),"expires_after":{"anchor":"created_at","seconds":3600},"colour":"red"}"#
        let names = try create(json).adjustments.entries.map(\.name)
        #expect(names == ["expires_after", "colour"])
        #expect(try #require(throws: APIError.self) { try create(json, strict: true) }.param == "expires_after")
    }

    @Test(arguments: [
        "900150983cd24fb0d6963f7d28e17f72", "900150983CD24FB0D6963F7D28E17F72", "kAFQmDzST7DWlj99KOF/cg==",
    ])
    func aChecksumMayBeWrittenInEitherForm(_ text: String) throws {
        let request = try complete(#"{"part_ids":["b","a"],"md5":"\#(text)"}"#)
        #expect(request.partIDs == ["b", "a"])
        #expect(request.md5?.prefix(4) == [0x90, 0x01, 0x50, 0x98])
    }

    @Test(arguments: [
        ("{}", "part_ids"), (#"{"part_ids":[]}"#, "part_ids"), (#"{"part_ids":"a"}"#, "part_ids"),
        (#"{"part_ids":["a",1]}"#, "part_ids[1]"), (#"{"part_ids":["a","b","a"]}"#, "part_ids"),
        (#"{"part_ids":["a","b","c","d"]}"#, "part_ids"), (#"{"part_ids":["a"],"md5":""}"#, "md5"),
        (#"{"part_ids":["a"],"md5":"900150983cd24fb0d6963f7d28e17f7z"}"#, "md5"),
        (#"{"part_ids":["a"],"md5":1}"#, "md5"),
    ])
    func partsThatCannotBePutTogetherAreRefused(_ json: String, _ param: String) throws {
        let error = try #require(throws: APIError.self) { try complete(json) }
        #expect(error.status == 400)
        #expect(error.param == param)
    }
}
