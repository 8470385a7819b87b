import NIOCore
import Testing
import WireFormats

@Suite struct MultipartParserTests {
    private static let form =
        "--b0\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\npara\r\nformer\r\n"
        + "--b0\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".wav\"\r\n"
        + "Content-Type: audio/x-wav; q=1\r\n\r\n\r\n--b\r\n--b1\r\n"
        + "--b0\r\nContent-Disposition: form-data; name=empty\r\n\r\n\r\n--b0--\r\n"

    private struct Part: Equatable {
        var head: MultipartPart
        var bytes = ""
    }

    private func read(_ text: String, boundary: String = "b0", by size: Int = .max) throws -> [Part] {
        var parser = MultipartParser(boundary: boundary, maximumHeadBytes: 256)
        var rest = ByteBuffer(string: text)
        var parts: [Part] = []
        var open = false
        while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
            parser.append(piece)
            while let event = try parser.next() {
                switch event {
                case .part(let head):
                    #expect(!open)
                    open = true
                    parts.append(Part(head: head))
                case .data(let bytes): parts[parts.count - 1].bytes += String(buffer: bytes)
                case .partEnd, .end:
                    #expect(open == (event == .partEnd))
                    open = false
                }
            }
        }
        try parser.finish()
        return parts
    }

    @Test(arguments: [1, 2, 3, 7, 50, Int.max]) func aFormIsReadHoweverItArrives(size: Int) throws {
        #expect(
            try read(Self.form, by: size) == [
                Part(head: MultipartPart(name: "model"), bytes: "para\r\nformer"),
                Part(
                    head: MultipartPart(name: "file", filename: "a \"b\".wav", contentType: "audio/x-wav"),
                    bytes: "\r\n--b\r\n--b1"
                ),
                Part(head: MultipartPart(name: "empty")),
            ]
        )
    }

    @Test func whatComesBeforeAndBehindIsDropped() throws {
        let form = "preamble\r\n--b0 \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b0--trailing --b0"
        #expect(try read(form) == [Part(head: MultipartPart(name: "a"), bytes: "1")])
        #expect(try read("--b0--") == [])
    }

    @Test(
        arguments: [
            ("", .noBoundary),
            ("{\"model\": 1}", .noBoundary),
            (String(repeating: "x", count: 300), .noBoundary),
            ("--b0\r\n\r\nx\r\n--b0--", .badHead),
            ("--b0x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--b0--", .badHead),
            ("--b0\r\nno colon\r\n\r\n\r\n--b0--", .badHead),
            ("--b0\r\nContent-Disposition: form-data\r\n\r\n\r\n--b0--", .badHead),
            ("--b0\r\nContent-Disposition: attachment; name=a\r\n\r\n\r\n--b0--", .badHead),
            ("--b0\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n\r\n--b0--", .badHead),
            (
                "--b0\r\nContent-Disposition: form-data; name=a\r\nX: " + String(repeating: "x", count: 300),
                .headTooLarge(limit: 256)
            ),
            ("--b0\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b", .incomplete),
            ("--b0\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b0\r\n", .incomplete),
        ] as [(String, MultipartParser.Failure)]
    )
    func whatIsNoFormIsRefused(form: String, failure: MultipartParser.Failure) {
        #expect(throws: failure) { try read(form) }
        #expect(throws: failure) { try read(form, by: 1) }
    }

    @Test func largePartsAreNotKept() throws {
        var parser = MultipartParser(boundary: "b0")
        parser.append(ByteBuffer(string: "--b0\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n"))
        _ = try parser.next()
        let piece = ByteBuffer(repeating: 0x0D, count: 100_000)
        for _ in 0..<10 {
            parser.append(piece)
            while try parser.next() != nil {}
            #expect(parser.bufferedBytes < 8)
        }
    }

    @Test(arguments: [
        ("a.wav", "a.wav"), ("C:\\music\\b.wav", "b.wav"), ("../../etc/passwd", "passwd"), ("..", "file"),
        ("", "file"), ("声音 1.mp3", "声音 1.mp3"), ("a\"\r\nb.wav", "a___b.wav"), (".hidden", "hidden"),
        (String(repeating: "é", count: 100) + ".mp3", String(repeating: "é", count: 62) + ".mp3"),
    ])
    func namesOfFilesAreMadeSafe(name: String, safe: String) {
        #expect(MultipartPart(name: "file", filename: name).safeFilename == safe)
    }

    /// The folders of a client's disk are nobody's business.
    @Test(arguments: [
        ("a.wav", "a.wav"), ("C:\\music\\b.wav", "b.wav"), ("../../etc/passwd", "passwd"),
        ("a \"b\".txt", "a %22b%22.txt"),
        ("a\r\nb.txt", "a%0D%0Ab.txt"), ("folder/", "folder"), ("", ""),
    ])
    func namesOfFilesAreQuoted(name: String, quoted: String) {
        #expect(MultipartPart(name: "file", filename: name).quotedFilename == quoted)
    }
}
