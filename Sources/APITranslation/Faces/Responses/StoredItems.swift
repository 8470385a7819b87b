import ByteWriting
package import JSONBytes
package import NIOCore

/// Reads lists of items that were stored.
package enum StoredItems {
    /// One page of `/input_items`.
    package struct Page: Sendable {
        package var limit = 20
        package var isAscending = false
        package var after: String?

        package init() {}
    }

    /// Appends a page of items, which are separated by commas, as a list object.
    ///
    /// - Throws: A 400 where it begins behind an item that is not there: the first page again would be taken for the next.
    package static func writePage(_ items: ByteBuffer, _ page: Page, tape: JSONTape, into output: inout ByteBuffer)
        throws(APIError)
    {
        var isThere = true
        withElements(of: items, tape: tape) { elements in
            var list = page.isAscending ? elements : elements.reversed()
            if let after = page.after {
                guard let position = list.firstIndex(where: { $0.present("id")?.string == after }) else {
                    isThere = false
                    return
                }
                list = Array(list[(position + 1)...])
            }
            let shown = list.prefix(page.limit)
            output.append("{\"object\":\"list\",\"data\":[")
            for (index, item) in shown.enumerated() {
                if index > 0 { output.append(",") }
                output.writeJSON(item)
            }
            output.append("],\"first_id\":")
            output.writeJSON(orNull: shown.first?.present("id"))
            output.append(",\"last_id\":")
            output.writeJSON(orNull: shown.last?.present("id"))
            output.append(",\"has_more\":")
            output.writeJSON(list.count > shown.count)
            output.append("}")
        }
        guard isThere else {
            throw .invalidValue("after", "there is no item with this id in the list.")
        }
    }

    /// The session of a stored response, where an app has answered.
    package static func session(of response: ByteBuffer, tape: JSONTape) -> (model: String, id: String)? {
        response.withUnsafeReadableBytes { bytes in
            guard let root = try? tape.parse(bytes), let id = root["session_id"]?.string, !id.isEmpty,
                let model = root["model"]?.string
            else { return nil }
            return (model, id)
        }
    }

    /// The item with this id.
    package static func item(_ id: String, in items: ByteBuffer, tape: JSONTape) -> ByteBuffer? {
        var found: ByteBuffer?
        withElements(of: items, tape: tape) { elements in
            guard let item = elements.first(where: { $0.present("id")?.string == id }) else { return }
            found = ByteBuffer(bytes: item.text)
        }
        return found
    }

    /// The items without the one with this id, and how many they are.
    package static func removing(_ id: String, from items: ByteBuffer, tape: JSONTape) -> (ByteBuffer, count: Int) {
        var kept = ByteBuffer()
        var count = 0
        withElements(of: items, tape: tape) { elements in
            for item in elements where item.present("id")?.string != id {
                if count > 0 { kept.append(",") }
                kept.writeJSON(item)
                count += 1
            }
        }
        return (kept, count)
    }

    private static func withElements(of items: ByteBuffer, tape: JSONTape, _ use: ([JSONValue]) -> Void) {
        var array = ByteBuffer()
        array.append("[")
        array.writeImmutableBuffer(items)
        array.append("]")
        array.withUnsafeReadableBytes { bytes in
            guard let list = try? tape.parse(bytes) else { return use([]) }
            use(Array(list.elements))
        }
    }
}
