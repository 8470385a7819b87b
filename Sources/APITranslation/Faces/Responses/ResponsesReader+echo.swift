import ByteWriting
import JSONBytes
import NIOCore

/// The members of a request that its response repeats.
extension ResponsesReader {
    /// The members behind those that differ from event to event, each with a comma in front.
    func makeEcho() throws(APIError) -> ByteBuffer {
        var echo = ByteBuffer()
        // The size without instructions and tools, so that the buffer is not moved while it grows.
        echo.reserveCapacity(800)
        echo.append(",\"background\":")
        echo.writeJSON(fields[.background]?.bool ?? false)
        write("instructions", .instructions, orElse: "null", into: &echo)
        write("max_output_tokens", .maxOutputTokens, orElse: "null", into: &echo)
        write("max_tool_calls", .maxToolCalls, orElse: "null", into: &echo)
        echo.append(",\"model\":")
        echo.writeJSON(context.model)
        write("parallel_tool_calls", .parallelToolCalls, orElse: "true", into: &echo)
        write("previous_response_id", .previousResponseID, orElse: "null", into: &echo)
        if let conversation = fields.conversationID {
            echo.append(",\"conversation\":{\"id\":")
            echo.writeJSON(conversation)
            echo.append("}")
        }
        write("prompt_cache_key", .promptCacheKey, orElse: "null", into: &echo)
        let reasoning = fields[.reasoning]
        echo.append(",\"reasoning\":{\"effort\":")
        echo.writeJSON(orNull: reasoning?.present("effort"))
        echo.append(",\"summary\":")
        let summary = reasoning?.present("summary") ?? reasoning?.present("generate_summary")
        echo.writeJSON(orNull: summary.flatMap { Self.isSummary($0) ? $0 : nil })
        echo.append("}")
        write("safety_identifier", .safetyIdentifier, orElse: "null", into: &echo)
        echo.append(",\"service_tier\":\"default\"")
        write("temperature", .temperature, orElse: "1.0", into: &echo)
        writeText(into: &echo)
        try writeChoice(into: &echo)
        writeTools(into: &echo)
        write("top_logprobs", .topLogprobs, orElse: "0", into: &echo)
        write("top_p", .topP, orElse: "1.0", into: &echo)
        echo.append(",\"truncation\":\"disabled\"")
        write("presence_penalty", .presencePenalty, orElse: "0", into: &echo)
        write("frequency_penalty", .frequencyPenalty, orElse: "0", into: &echo)
        write("user", .user, orElse: "null", into: &echo)
        echo.append(",\"metadata\":")
        if let metadata = fields[.metadata] {
            echo.writeImmutableBuffer(Self.withoutNulls(metadata))
        } else {
            echo.append("{}")
        }
        return echo
    }

    private func write(
        _ name: StaticString,
        _ id: ResponsesFieldID,
        orElse standard: StaticString,
        into echo: inout ByteBuffer
    ) {
        echo.append(",\"")
        echo.append(name)
        echo.append("\":")
        if let value = fields[id] { echo.writeJSON(value) } else { echo.append(standard) }
    }

    private func writeText(into echo: inout ByteBuffer) {
        let text = fields[.text]
        echo.append(",\"text\":{\"format\":")
        if let format = text?.present("format") {
            echo.writeJSON(format)
        } else {
            echo.append("{\"type\":\"text\"}")
        }
        echo.append(",\"verbosity\":")
        if let verbosity = text?.present("verbosity"), verbosity.equals("low") || verbosity.equals("high") {
            echo.writeJSON(verbosity)
        } else {
            echo.append("\"medium\"")
        }
        echo.append("}")
    }

    private func writeChoice(into echo: inout ByteBuffer) throws(APIError) {
        echo.append(",\"tool_choice\":")
        guard let choice = fields[.toolChoice] else { return echo.append("\"auto\"") }
        guard let nested = choice.present("function") ?? choice.present("custom"), let type = choice.present("type"),
            let name = nested.present("name")
        else { return echo.writeJSON(choice) }
        echo.append("{\"type\":")
        echo.writeJSON(type)
        echo.append(",\"name\":")
        echo.writeJSON(name)
        echo.append("}")
    }

    /// Functions have all their members, because strict clients ask for them.
    private func writeTools(into echo: inout ByteBuffer) {
        echo.append(",\"tools\":[")
        if let tools = fields[.tools] {
            for (index, tool) in tools.elements.enumerated() {
                if index > 0 { echo.append(",") }
                if tool.present("type")?.equals("function") == true {
                    writeFunction(tool, into: &echo)
                } else {
                    echo.writeJSON(tool)
                }
            }
        }
        echo.append("]")
    }

    private func writeFunction(_ outer: JSONValue, into echo: inout ByteBuffer) {
        let tool = outer.present("function").flatMap { $0.kind == .object ? $0 : nil } ?? outer
        echo.append("{\"type\":\"function\"")
        for member in tool.members where !member.value.isNull && !member.name.equals("type") {
            echo.append(",")
            echo.writeJSON(member.name)
            echo.append(":")
            echo.writeJSON(member.value)
        }
        if tool.present("description") == nil { echo.append(",\"description\":null") }
        if tool.present("parameters") == nil { echo.append(",\"parameters\":null") }
        if tool.present("strict") == nil { echo.append(",\"strict\":null") }
        echo.append("}")
    }
}
