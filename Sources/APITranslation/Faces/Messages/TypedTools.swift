import JSONBytes

/// Tools that have a fixed schema in Anthropic's API and that the client runs: here they are functions like others.
enum TypedTools {
    struct Definition {
        let description: StaticString
        let parameters: StaticString
    }

    static func definition(of type: JSONValue) -> Definition? {
        guard let content = type.escapedContent else { return nil }
        if GenerationWriter.starts(content, "bash_") { return bash }
        if GenerationWriter.starts(content, "text_editor_") {
            return GenerationWriter.starts(content, "text_editor_20241022")
                || GenerationWriter.starts(content, "text_editor_20250124") ? olderEditor : editor
        }
        return GenerationWriter.starts(content, "memory_") ? memory : nil
    }

    private static let bash = Definition(
        description: "Run a command in a bash shell that keeps its state, or restart the shell.",
        parameters: """
            {"type":"object","properties":{"command":{"type":"string"},"restart":{"type":"boolean"}}}
            """
    )

    private static let editor = Definition(
        description: "View, create and edit text files.",
        parameters: """
            {"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert"]},\
            "path":{"type":"string"},"file_text":{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},\
            "insert_line":{"type":"integer"},"insert_text":{"type":"string"},\
            "view_range":{"type":"array","items":{"type":"integer"}}},"required":["command","path"]}
            """
    )

    private static let olderEditor = Definition(
        description: "View, create and edit text files.",
        parameters: """
            {"type":"object","properties":{"command":{"type":"string",\
            "enum":["view","create","str_replace","insert","undo_edit"]},\
            "path":{"type":"string"},"file_text":{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},\
            "insert_line":{"type":"integer"},"insert_text":{"type":"string"},\
            "view_range":{"type":"array","items":{"type":"integer"}}},"required":["command","path"]}
            """
    )

    private static let memory = Definition(
        description: "View and change the files of a memory directory.",
        parameters: """
            {"type":"object","properties":{"command":{"type":"string",\
            "enum":["view","create","str_replace","insert","delete","rename"]},"path":{"type":"string"},\
            "file_text":{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},\
            "insert_line":{"type":"integer"},"insert_text":{"type":"string"},"old_path":{"type":"string"},\
            "new_path":{"type":"string"},"view_range":{"type":"array","items":{"type":"integer"}}},"required":["command"]}
            """
    )
}
