import ByteWriting
import JSONBytes
import NIOCore

/// The commonest whole reply, translated in one straight pass: one choice with text only, and plain usage.
///
/// Anything else is left to the general reader, which gives the same bytes for these replies; a law in the tests
/// compares the two.
enum PlainReply {
    private struct Parts {
        var content: JSONValue
        var finish: JSONValue
        var usage: Usage
        var requestID: UnsafeRawBufferPointer
    }

    private struct Usage {
        var input: Int
        var output: Int
        var total: Int
        var cached: Int?
    }

    /// Appends the completion and returns its facts, or returns nil and appends nothing.
    static func translate(_ root: JSONValue, context: ChatReplyContext, into output: inout ByteBuffer)
        -> ReplyFacts?
    {
        guard !context.isCumulative, !ByteBuffer.needsJSONEscapes(context.model), let parts = parts(of: root),
            let content = parts.content.escapedContent
        else {
            return nil
        }
        output.compose(capacity: content.count + context.model.utf8.count + 512) { output in
            output.append("{\"id\":\"chatcmpl-")
            output.append(bytes: parts.requestID)
            output.append("\",\"object\":\"chat.completion\",\"created\":")
            output.append(number: context.created)
            output.append(",\"model\":\"")
            output.append(text: context.model)
            output.append("\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":")
            output.append(bytes: parts.content.text)
            output.append(",\"refusal\":null},\"logprobs\":null,\"finish_reason\":")
            output.append(bytes: parts.finish.text)
            output.append("}],\"usage\":{\"prompt_tokens\":")
            output.append(number: parts.usage.input)
            output.append(",\"completion_tokens\":")
            output.append(number: parts.usage.output)
            output.append(",\"total_tokens\":")
            output.append(number: parts.usage.total)
            if let cached = parts.usage.cached {
                output.append(",\"prompt_tokens_details\":{\"cached_tokens\":")
                output.append(number: cached)
                output.append("}")
            }
            output.append("},\"system_fingerprint\":null}")
        }
        return ReplyFacts(
            requestID: String(decoding: parts.requestID, as: UTF8.self),
            usage: TokenUsage(input: parts.usage.input, output: parts.usage.output, cached: parts.usage.cached ?? 0)
        )
    }

    private static func parts(of root: JSONValue) -> Parts? {
        var choice: JSONValue?
        var usage: Usage?
        var requestID: UnsafeRawBufferPointer?
        for member in root.members {
            if member.name.equals("output") {
                choice = onlyChoice(of: member.value)
                if choice == nil { return nil }
            } else if member.name.equals("usage") {
                usage = self.usage(of: member.value)
                if usage == nil { return nil }
            } else if member.name.equals("request_id"), !member.value.isEmptyString {
                requestID = member.value.escapedContent
            } else {
                return nil
            }
        }
        guard let choice, let usage, let requestID, UpstreamID.isVisible(requestID) else { return nil }
        var content: JSONValue?
        var finish: JSONValue?
        for member in choice.members {
            if member.name.equals("message") {
                content = onlyText(of: member.value)
            } else if member.name.equals("finish_reason"),
                member.value.equals("stop") || member.value.equals("length")
            {
                finish = member.value
            } else {
                return nil
            }
        }
        guard let content, let finish else { return nil }
        return Parts(content: content, finish: finish, usage: usage, requestID: requestID)
    }

    private static func onlyChoice(of output: JSONValue) -> JSONValue? {
        var found: JSONValue?
        for member in output.members {
            guard member.name.equals("choices"), found == nil else { return nil }
            var elements = member.value.elements
            guard let first = elements.next(), elements.next() == nil else { return nil }
            found = first
        }
        return found
    }

    private static func onlyText(of message: JSONValue) -> JSONValue? {
        var content: JSONValue?
        for member in message.members {
            if member.name.equals("content"), member.value.kind == .string {
                content = member.value
            } else if !member.name.equals("role") {
                return nil
            }
        }
        return content
    }

    private static func usage(of value: JSONValue) -> Usage? {
        var (input, output, total): (Int?, Int?, Int?)
        var cached: Int?
        for member in value.members {
            if member.name.equals("prompt_tokens_details") {
                for detail in member.value.members {
                    guard detail.name.equals("cached_tokens"), let number = count(detail.value) else { return nil }
                    cached = number
                }
                continue
            }
            guard let number = count(member.value) else { return nil }
            if member.name.equals("input_tokens") {
                input = number
            } else if member.name.equals("output_tokens") {
                output = number
            } else if member.name.equals("total_tokens") {
                total = number
            } else {
                return nil
            }
        }
        guard let input, let output else { return nil }
        return Usage(input: input, output: output, total: total ?? input + output, cached: cached)
    }

    /// A count written in digits only, short enough to be one.
    private static func count(_ value: JSONValue) -> Int? {
        let text = value.text
        guard value.kind == .number, text.count <= 15 else { return nil }
        var number = 0
        for byte in text {
            guard byte &- 0x30 < 10 else { return nil }
            number = number * 10 + Int(byte &- 0x30)
        }
        return number
    }
}
