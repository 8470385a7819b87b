@testable import DashScopeEmulator
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing

struct FormDataTests {
    private func read(_ body: String, type: String = "multipart/form-data; boundary=XX") -> FormData? {
        FormData(
            HTTPRequest(
                method: "POST",
                target: "/",
                headers: ["Content-Type": type],
                body: ByteBuffer(string: body)
            )
        )
    }

    @Test
    func partsKeepTheirBytes() throws {
        let form = try #require(
            read(
                "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--XX\r\n"
                    + "content-type: text/plain\r\ncontent-disposition: form-data; name=file; filename=\"a \\\"b\\\".txt\""
                    + "\r\n\r\nx\r\n--X\r\n\r\r\n\r\n--XX--\r\nrest"
            )
        )
        #expect(form.parts.map(\.name) == ["a", "file"])
        #expect(form["a"]?.text == "1")
        #expect(form["a"]?.filename == nil)
        #expect(form["file"]?.filename == "a \"b\".txt")
        #expect(form["file"]?.contentType == "text/plain")
        #expect(form["file"]?.text == "x\r\n--X\r\n\r\r\n")
    }

    @Test
    func namesBeyondASCII() {
        let form = read(
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename*=utf-8''%E6%96%87%20a.txt\r\n\r\n\r\n--XX--"
        )
        #expect(form?["file"]?.filename == "文 a.txt")
        #expect(form?["file"]?.content.readableBytes == 0)
    }

    @Test(arguments: [
        "", "--XX", "--XX\r\n", "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--XX",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--X--",
        "--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XX--", "--XX\r\n\r\n1\r\n--XX--",
        "--YY\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--YY--",
    ])
    func whatIsNoFormIsRefused(_ body: String) {
        #expect(read(body) == nil)
    }

    @Test
    func otherTypesAreNoForm() {
        let body = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--XX--"
        #expect(read(body) != nil)
        #expect(read(body, type: "multipart/mixed; boundary=XX") == nil)
        #expect(read(body, type: "multipart/form-data") == nil)
    }
}
