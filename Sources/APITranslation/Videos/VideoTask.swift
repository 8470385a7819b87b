package import JSONBytes
import NIOCore
import WireFormats

/// What DashScope says of a task that makes a video.
package struct VideoTask: Sendable {
    package var task: TaskReply
    /// Whether it has ended well, and made something else than a video.
    package let isForeign: Bool
    /// Unix seconds.
    var submitted: Int?
    var ended: Int?
    /// Where the video is.
    var link: String?
    /// Texts as JSON.
    var prompt: ByteBuffer?
    var revisedPrompt: ByteBuffer?
    /// What was charged, as it came.
    var usage: ByteBuffer?
    var figures = VideoFigures()

    /// Reads an answer; nil where it tells of no task.
    package init?(_ root: JSONValue) {
        guard let task = TaskReply(root), let output = root["output"] else { return nil }
        self.task = task
        isForeign = task.status == .succeeded && Self.isForeign(output, root["usage"])
        submitted = output["submit_time"]?.string.flatMap(Self.seconds)
        ended = output["end_time"]?.string.flatMap(Self.seconds)
        link = Self.link(output)
        prompt = Self.text(output["orig_prompt"])
        revisedPrompt = Self.text(output["actual_prompt"])
        guard let usage = root["usage"], usage.kind == .object else { return }
        self.usage = ByteBuffer(bytes: usage.text)
        figures = VideoFigures(usage)
    }

    /// The error of a task that has ended without a video; nil where there is one, or where it still runs.
    package var error: APIError? {
        if let error = task.error { return error }
        guard task.status == .succeeded, link == nil else { return nil }
        return ErrorTable.invalidResponse(requestID: nil)
    }

    /// Whether a result is one of images or of speech that was written down: some name their files as videos do.
    private static func isForeign(_ output: JSONValue, _ usage: JSONValue?) -> Bool {
        if first(output)?["transcription_url"] != nil || output["result"]?["transcription_url"] != nil { return true }
        guard link(output) != nil else { return output["choices"] != nil }
        let names: [StaticString] = ["video_count", "video_duration", "duration", "output_video_duration"]
        return usage?["image_count"] != nil && !names.contains { usage?[$0] != nil }
    }

    private static func first(_ output: JSONValue) -> JSONValue? {
        let results = output["results"]
        return results?.kind == .array ? results?.elements.first { _ in true } : results
    }

    /// Most services name the video so, some within `results`.
    private static func link(_ output: JSONValue) -> String? {
        let first = first(output)
        let places = [
            output["video_url"], first?["video_url"], first?["url"], output["output_video_url"],
        ]
        return places.lazy.compactMap { $0?.string }.first { !$0.isEmpty }
    }

    private static func text(_ value: JSONValue?) -> ByteBuffer? {
        guard let value, value.kind == .string, !value.isEmptyString else { return nil }
        return ByteBuffer(bytes: value.text)
    }

    /// Reads `2026-09-29 14:18:52.331`, which is Beijing's time without a zone.
    static func seconds(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            return bytes[range].reduce(into: Optional(0)) { sum, byte in
                sum = byte &- 0x30 < 10 ? sum.map { $0 * 10 + Int(byte - 0x30) } : nil
            }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), (1...12).contains(month),
            (1...31).contains(day),
            year >= 1970, hour < 24, minute < 60, second < 61
        else { return nil }
        let days = CalendarDate(year: year, month: month, day: day).daysSince1970
        return days * 86_400 + (hour - 8) * 3600 + minute * 60 + second
    }
}

/// What usage tells of a video.
struct VideoFigures: Sendable, Equatable {
    var seconds: Double?
    var width: Int?
    var height: Int?
    var framesPerSecond: Int?

    init() {}

    init(_ usage: JSONValue) {
        func positive(_ name: StaticString) -> Double? { usage[name]?.double.flatMap { $0 > 0 ? $0 : nil } }
        seconds = positive("output_video_duration") ?? positive("video_duration") ?? positive("duration")
        framesPerSecond = NativeUsage.number(usage["fps"])
        var size = usage["size"]?.string.flatMap { ImageSizes.Size($0) }
        if size == nil, let ratio = usage["ratio"]?.string {
            let lines = usage["SR"]?.integer ?? usage["SR"]?.string.flatMap { Int($0) }
            size = lines.flatMap { VideoSizing.pixels(VideoResolution(lines: $0), ratio) }
        }
        (width, height) = (size?.width, size?.height)
    }

    var size: String? {
        guard let width, let height else { return nil }
        return "\(width)x\(height)"
    }

    /// As the object of a video has it.
    var secondsText: String? {
        guard let seconds, seconds < 1e9 else { return nil }
        return Int(exactly: seconds).map { "\($0)" } ?? "\(seconds)"
    }
}
