/// Where in the messages a fault lies; its text is made only for an error or a report.
struct ParameterPath: CustomStringConvertible {
    var message: Int
    var part: Int?

    var description: String {
        guard let part else { return "messages[\(message)]" }
        return "messages[\(message)].content[\(part)]"
    }
}
