import ByteWriting
import JSONBytes

/// Which of the tools is to be called.
extension GenerationWriter {
    /// Asks for a call in words, where the native API cannot require one of several tools.
    mutating func askForCall(reported: String) {
        addToSystem("Answer this turn by calling at least one of the given tools, and with nothing else.")
        adjust("tool_choice", from: reported, to: "auto", "asked for in the system message instead")
    }

    /// Switches off thinking that nobody asked for, since a model that thinks can be forced to nothing.
    mutating func preferChoiceToThinking() {
        guard thinking.enable == nil else { return }
        suppressThinking("enable_thinking", "a choice cannot be forced while thinking")
    }

    /// Writes the choice of one tool by name; while thinking no choice can be forced.
    mutating func writeForcedChoice(_ name: JSONValue, reported: String) {
        guard !thinking.mayThink else {
            adjust("tool_choice", from: reported, to: "auto", "a choice cannot be forced while thinking")
            return parameter("tool_choice", text: "\"auto\"")
        }
        parameterName("tool_choice")
        body.append("{\"type\":\"function\",\"function\":{\"name\":")
        body.writeJSON(name)
        body.append("}}")
    }
}
