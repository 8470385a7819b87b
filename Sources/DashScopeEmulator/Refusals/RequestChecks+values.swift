extension RequestChecks {
    /// Reads a parameter that must be a Boolean where it is given.
    @discardableResult
    func flag(_ name: String, in container: JSON? = nil) throws(Refusal) -> Bool? {
        guard let value = (container ?? parameters)[name] else { return nil }
        guard let flag = value.bool else { throw .wrongType(name, "a boolean") }
        return flag
    }

    @discardableResult
    func number(_ name: String) throws(Refusal) -> Double? {
        guard let value = parameters[name] else { return nil }
        guard let number = value.number else { throw .wrongType(name, "a number") }
        return number
    }

    @discardableResult
    func integer(_ name: String) throws(Refusal) -> Int? {
        guard let value = parameters[name] else { return nil }
        guard let number = value.int else { throw .wrongType(name, "an integer") }
        return number
    }

    @discardableResult
    func object(_ name: String) throws(Refusal) -> JSON? {
        guard let value = parameters[name] else { return nil }
        guard value.members != nil else { throw .wrongType(name, "an object") }
        return value
    }

    @discardableResult
    func text(_ name: String, among allowed: [String]? = nil, in container: JSON? = nil) throws(Refusal) -> String? {
        guard let value = (container ?? parameters)[name] else { return nil }
        guard let text = value.string else { throw .wrongType(name, "a string") }
        if let allowed, !allowed.contains(text) {
            throw .algorithm("parameters.\(name) must be one of \(JSON.array(allowed.map(JSON.string)).spacedText)")
        }
        return text
    }
}
