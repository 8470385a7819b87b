import JSONBytes

extension AdjustmentList {
    /// Reports the members of an object that have no place in the call, unless they are null; `place` is the object's path.
    mutating func leaveOut(
        othersOf object: JSONValue,
        besides used: StaticString...,
        at place: String,
        reason: String = "no counterpart upstream"
    ) {
        for member in object.members where !member.value.isNull && !member.name.equals("type") {
            guard !used.contains(where: { member.name.equals($0) }) else { continue }
            add(
                "\(place).\(GenerationWriter.memberName(member.name))",
                from: GenerationWriter.shortUnknown(member.value),
                to: "none",
                reason: reason
            )
        }
    }
}
