import ByteWriting
import JSONBytes
import NIOCore

/// Reads the native answer to one call, whichever of the shapes it has.
final class ImagesPart: LinkedReply {
    private struct Image {
        var link: String
        var revisedPrompt: ByteBuffer?
        /// The image as base64, once it is there.
        var content: ByteBuffer?
        var facts: ImageFileFacts?
    }

    private let whole: ImagesReply
    /// How many were asked for.
    private let count: Int
    private var images: [Image] = []
    /// Those that upstream could not make, and why the first.
    private var failed = 0
    private var failure: APIError?
    private var isComplete = false
    /// What this call has used.
    private var usage = ImagesUsage()
    private(set) var facts = ReplyFacts()

    init(whole: ImagesReply, count: Int) {
        self.whole = whole
        self.count = count
    }

    /// This API has no streams.
    func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> ReplyOutcome {
        guard !data.isEmpty else { return .progress }
        return receive(whole: data, tape: tape, into: &output)
    }

    func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape, into output: inout ByteBuffer) -> ReplyOutcome {
        guard let root = try? tape.parse(body), root.kind == .object else {
            return .refused(ErrorTable.invalidResponse(requestID: nil))
        }
        let refusal = UpstreamRefusal(root)
        facts.requestID = refusal.requestID
        guard refusal.code.isEmpty, !refusal.hasErrorObject, let native = root["output"], native.kind == .object else {
            guard !refusal.code.isEmpty || !refusal.message.isEmpty else {
                return .refused(ErrorTable.invalidResponse(requestID: refusal.requestID))
            }
            return .refused(
                ErrorTable.map(
                    status: nil,
                    code: refusal.code,
                    message: refusal.message,
                    requestID: refusal.requestID
                )
            )
        }
        read(native)
        whole.counts.add(root["usage"], images: images.count)
        usage.add(root["usage"], images: images.count)
        facts.usage = usage.tokens
        isComplete = true
        return .complete
    }

    // MARK: - Shapes

    private func read(_ output: JSONValue) {
        if let results = output["results"] {
            for result in results.kind == .array ? Array(results.elements) : [results] { read(result: result) }
        }
        for choice in output["choices"].map({ Array($0.elements) }) ?? [] { read(choice: choice) }
        for name: StaticString in ["output_image_url", "output_vis_image_url", "image_url"] {
            if let link = output[name]?.string, !link.isEmpty { images.append(Image(link: link)) }
        }
        for link in output["render_urls"].map({ Array($0.elements) }) ?? [] {
            if let link = link.string { images.append(Image(link: link)) }
        }
        // Some services only count what they could not make.
        let metrics = output["task_metrics"] ?? output["task_metric"]
        failed = max(failed, NativeUsage.number(metrics?["FAILED"]) ?? 0)
    }

    private func read(result: JSONValue) {
        // A task that wrote speech down.
        guard result["transcription_url"] == nil else { return }
        guard let link = result["url"]?.string, !link.isEmpty else {
            failed += 1
            guard failure == nil else { return }
            let refusal = UpstreamRefusal(result)
            failure = ErrorTable.map(
                status: nil,
                code: refusal.code,
                message: refusal.message,
                requestID: facts.requestID
            )
            return
        }
        images.append(Image(link: link, revisedPrompt: Self.text(result["actual_prompt"])))
    }

    private func read(choice: JSONValue) {
        guard let content = choice["message"]?["content"] else { return }
        var text: ByteBuffer?
        let first = images.count
        for part in content.elements {
            if let link = part["image"]?.string, !link.isEmpty {
                images.append(Image(link: link))
            } else {
                text = text ?? Self.text(part["text"])
            }
        }
        for place in first..<images.count { images[place].revisedPrompt = text }
    }

    private static func text(_ value: JSONValue?) -> ByteBuffer? {
        guard let value, value.kind == .string, !value.isEmptyString else { return nil }
        var text = ByteBuffer()
        text.writeJSON(value)
        return text
    }

    // MARK: - Files

    var links: [String] {
        guard !whole.asLinks, error == nil else { return [] }
        return images.contains { $0.content == nil } ? images.map(\.link) : []
    }

    var fileKind: FilePlacement.Kind? { .image }

    var fetchAdvice: String { "With response_format \"url\" the links are handed on unfetched." }

    func take(_ file: ByteBuffer, ofLink place: Int) {
        var content = ByteBuffer()
        file.withUnsafeReadableBytes { content.writeBase64($0) }
        images[place].content = content
        if whole.events != nil { images[place].facts = ImageFileFacts(file) }
    }

    // MARK: - The end

    /// Why the answer is not what was asked for.
    private var error: APIError? {
        guard isComplete else { return ErrorTable.invalidResponse(requestID: facts.requestID) }
        let wanted = whole.isSeries ? 1 : count
        guard failed > 0 || images.count < wanted else { return nil }
        let asked = max(count, images.count + failed)
        let isEmpty = images.isEmpty && failed == 0
        let unexplained = isEmpty ? ErrorTable.invalidResponse : ErrorTable.incomplete
        var error = failure ?? unexplained(facts.requestID)
        if failure == nil {
            error.message = "DashScope made \(images.count) of \(asked) images and did not say why."
            error.shouldRetry = false
        } else if asked > 1 {
            error.message = "\(failed) of \(asked) images failed: \(error.message)"
            // The others have been charged.
            if !images.isEmpty { error.shouldRetry = false }
        }
        return error
    }

    func finish(into output: inout ByteBuffer) -> APIError? {
        if let error { return error }
        for (place, image) in images.enumerated() {
            if let events = whole.events {
                // The call's usage stands in its last event: clients sum them.
                let usage = place == images.count - 1 ? usage : ImagesUsage()
                events.write(image.facts, usage: usage, into: &output) {
                    write(image, into: &$0)
                    $0.append(",")
                }
            } else {
                output.append(place > 0 ? ",{" : "{")
                write(image, into: &output)
                output.append("}")
            }
        }
        images = []
        return nil
    }

    private func write(_ image: Image, into output: inout ByteBuffer) {
        if let content = image.content {
            output.append("\"b64_json\":\"")
            output.writeImmutableBuffer(content)
            output.append("\"")
        } else {
            output.append("\"url\":")
            output.writeJSON(image.link)
        }
        if let prompt = image.revisedPrompt {
            output.append(",\"revised_prompt\":")
            output.writeImmutableBuffer(prompt)
        }
    }

    // What a stream tells of a failure is the whole answer's matter.
    func fail(_ error: APIError, into output: inout ByteBuffer) {}
    func keepAlive(into output: inout ByteBuffer) {}
}
