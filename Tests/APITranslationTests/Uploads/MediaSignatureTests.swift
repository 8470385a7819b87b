import NIOCore
import Testing

@testable import APITranslation

/// What a file is by its first bytes.
struct MediaSignatureTests {
    static let media: [(bytes: [UInt8], image: String?, audio: String?, video: String?)] = [
        ([0x89] + Array("PNG\r\n\u{1A}\n".utf8), "image/png", nil, nil),
        ([0xFF, 0xD8, 0xFF, 0xE0, 0, 16], "image/jpeg", nil, nil),
        (Array("GIF89a".utf8) + [1, 0], "image/gif", nil, nil),
        (Array("RIFF\u{1}\0\0\0WEBPVP8 ".utf8), "image/webp", nil, nil),
        ([0x49, 0x49, 0x2A, 0], "image/tiff", nil, nil), ([0x4D, 0x4D, 0, 0x2A], "image/tiff", nil, nil),
        (Array("BM".utf8) + [70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1], "image/bmp", nil, nil),
        (Array("\0\0\0\u{18}ftypheic".utf8), "image/heic", nil, nil),
        (Array("\0\0\0\u{1C}ftypiso8\0\0\0\0mif1heic".utf8), "image/heic", nil, nil),
        (Array("\0\0\0\u{18}ftypmif1\0\0\0\0miafavif".utf8), "image/avif", nil, nil),
        (Array("\0\0\0\u{14}ftypiso8\0\0\0\0mp41heic".utf8), nil, "audio/mp4", "video/mp4"),
        (Array("RIFF\u{24}\0\0\0WAVEfmt ".utf8), nil, "audio/wav", nil),
        (Array("ID3\u{4}\0\0".utf8), nil, "audio/mpeg", nil), ([0xFF, 0xFB, 0x90, 0x64], nil, "audio/mpeg", nil),
        ([0xFF, 0xF3, 0x40, 0xC4], nil, "audio/mpeg", nil), ([0xFF, 0xF1, 0x50, 0x80], nil, "audio/aac", nil),
        (Array("fLaC\0\0\0\"".utf8), nil, "audio/flac", nil), (Array("#!AMR\n".utf8), nil, "audio/amr", nil),
        (Array("\0\0\0 ftypM4A \0".utf8), nil, "audio/mp4", nil),
        (Array("OggS\0\u{2}".utf8), nil, "audio/ogg", "video/ogg"),
        (Array("\0\0\0\u{20}ftypisom\0".utf8), nil, "audio/mp4", "video/mp4"),
        (Array("\0\0\0\u{14}ftypqt  \0".utf8), nil, "audio/quicktime", "video/quicktime"),
        ([0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x84] + Array("webm".utf8), nil, "audio/webm", "video/webm"),
        ([0x1A, 0x45, 0xDF, 0xA3, 0x9F] + Array("matroska".utf8), nil, "audio/x-matroska", "video/x-matroska"),
        (Array("RIFF\u{24}\0\0\0AVI LIST".utf8), nil, "audio/x-msvideo", "video/x-msvideo"),
    ]

    @Test(arguments: media)
    func mediaAreKnown(bytes: [UInt8], image: String?, audio: String?, video: String?) {
        let signature = MediaSignature(ByteBuffer(bytes: bytes))
        #expect(signature.type(as: .image) == image)
        #expect(signature.type(as: .audio) == audio)
        #expect(signature.type(as: .video) == video)
        for (kind, type) in [(FilePlacement.Kind.image, image), (.audio, audio), (.video, video)] {
            #expect((signature.contradiction(to: kind) == nil) == (type != nil))
        }
    }

    @Test(arguments: [
        ("<!DOCTYPE html><html>", "an HTML page"), ("\u{FEFF}\r\n  <html lang=\"en\">", "an HTML page"),
        ("<?xml version=\"1.0\"?><Error>", "an XML document"), ("<svg xmlns=\"http", "an XML document"),
        ("{\"code\":\"AccessDenied\"}", "JSON"), ("[ {\"a\":1}]", "JSON"), ("%PDF-1.7", "a PDF document"),
        ("PK\u{3}\u{4}\u{14}", "a ZIP archive"),
    ])
    func whatIsPlainlyNone(text: String, words: String) {
        let signature = MediaSignature(ByteBuffer(string: text))
        for kind in [FilePlacement.Kind.image, .audio, .video] {
            #expect(signature.contradiction(to: kind) == words)
            #expect(signature.type(as: kind) == nil)
        }
    }

    /// Samples without a head, and whatever else may be right.
    @Test(arguments: [
        "", "x", "RIFF1234", "BM is no picture", "< 3", "{", "[0.5]", "hello", "\0\0\u{1}\0", "ftyp",
        "<A\0\u{1}<B\u{2}\0", "{\"\u{3}\0",
    ])
    func whatNobodyKnows(text: String) {
        #expect(MediaSignature(ByteBuffer(string: text)) == .unknown)
    }

    @Test(arguments: [
        ("text/html; charset=utf-8", true), ("Application/JSON", true), ("application/xml", true), ("image/png", false),
        ("application/octet-stream", false), ("", false),
    ])
    func pagesAreKnownByTheirType(type: String, isPage: Bool) { #expect(MediaSignature.isPage(type) == isPage) }
}
