extension RequestChecks {
    func checkTools() throws(Refusal) {
        try flag("parallel_tool_calls")
        try flag("tool_stream")
        var names: [String] = []
        if let tools = parameters["tools"] {
            guard let tools = tools.array else { throw .wrongType("tools", "an array") }
            if tools.isEmpty { throw .algorithm("[] is too short - 'tools'") }
            if !model.takesTools { throw .algorithm("tool call is not supported by the model \(model.name)") }
            for (index, tool) in tools.enumerated() { names.append(try checkTool(tool, at: index)) }
        }
        try checkToolChoice(names: names)
    }

    private func checkTool(_ tool: JSON, at index: Int) throws(Refusal) -> String {
        guard tool["type"]?.string == "function", let function = tool["function"], function.members != nil else {
            throw .algorithm("tools.\(index) must be an object with type \"function\" and a function")
        }
        guard let name = function["name"]?.string else {
            throw .algorithm("'name' is a required property - 'tools.\(index).function'")
        }
        if name == "search" { throw .algorithm("Tool names are not allowed to be [search]") }
        guard isName(name) else {
            throw .algorithm("'\(name)' does not match '^[a-zA-Z0-9_-]{1,64}$' - 'tools.\(index).function.name'")
        }
        if let description = function["description"], description.string == nil {
            throw .algorithm("tools.\(index).function.description must be a string")
        }
        if let schema = function["parameters"], schema.members == nil {
            throw .algorithm("tools.\(index).function.parameters must be an object")
        }
        return name
    }

    private func checkToolChoice(names: [String]) throws(Refusal) {
        switch parameters["tool_choice"] {
        case nil: return
        case .string(let choice):
            if !["none", "auto"].contains(choice) {
                throw .algorithm("tool_choice is one of the strings that should be [\"none\", \"auto\"]")
            }
        case .object(let members):
            let choice = JSON.object(members)
            guard choice["type"]?.string == "function", let name = choice["function"]?["name"]?.string else {
                throw .algorithm("tool_choice must be {\"type\": \"function\", \"function\": {\"name\": ...}}")
            }
            guard names.contains(name) else { throw .algorithm("tool_choice names no offered tool: \(name)") }
            if request.thinks {
                throw .algorithm(
                    "The tool_choice parameter does not support being set to required or object in thinking mode"
                )
            }
        default: throw .algorithm("tool_choice is one of the strings that should be [\"none\", \"auto\"]")
        }
    }

    func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                    || scalar == "_" || scalar == "-"
            }
    }
}
