import ByteWriting
import JSONBytes
package import NIOCore
import WireFormats

// The objects of `/v1/models`: OpenAI's four fields, then whatever is known beyond them.

extension ModelCatalog {
    /// The `created` of a model whose id carries no date, 1 January 2024; clients insist on a number.
    package static let unknownCreated = 1_704_067_200

    /// The ids of all catalogued models, hidden ones included, and the aliases.
    package var ids: [String] { table.entries.map(\.id) + aliases.map(\.name) }

    /// The answer of `GET /v1/models`, one copy for all who ask: see ``listed``.
    package var list: ByteBuffer {
        renderedList.bytes { writeFreshList(into: &$0) }
    }

    /// Appends the answer of `GET /v1/models/{id}`, for hidden and retired models too; false for an unknown id.
    package func writeModel(id: String, into buffer: inout ByteBuffer) -> Bool {
        if let alias = aliases.first(where: { $0.name == id }) {
            write(alias, into: &buffer)
            return true
        }
        guard let position = table.positions[id] else { return false }
        write(table.entries[position], as: id, aliasedTo: nil, into: &buffer)
        return true
    }

    private func writeFreshList(into buffer: inout ByteBuffer) {
        buffer.reserveCapacity(128 * 1024)
        buffer.append(#"{"object":"list","data":["#)
        var isFirst = true
        func separate(_ buffer: inout ByteBuffer) {
            if !isFirst { buffer.append(",") }
            isFirst = false
        }
        for item in listed {
            separate(&buffer)
            write(item.entry, as: item.id, aliasedTo: item.target, into: &buffer)
        }
        buffer.append("]}")
    }

    /// The entries of `/v1/models`: the aliases, then the models that an endpoint serves and that are neither hidden
    /// nor retired.
    var listed: [(id: String, entry: CatalogEntry, target: String?)] {
        let aliased = Set(aliases.map(\.name))
        let named = aliases.map { alias in
            (
                alias.name, table.positions[alias.target].map { table.entries[$0] } ?? CatalogEntry(id: alias.target),
                Optional(alias.target)
            )
        }
        let others = table.entries.filter { $0.isListed && !aliased.contains($0.id) }.map { ($0.id, $0, String?.none) }
        return (named + others).filter { $0.1.isServed }
    }

    private func write(_ alias: Alias, into buffer: inout ByteBuffer) {
        let entry = table.positions[alias.target].map { table.entries[$0] } ?? CatalogEntry(id: alias.target)
        write(entry, as: alias.name, aliasedTo: alias.target, into: &buffer)
    }

    private func write(_ entry: CatalogEntry, as id: String, aliasedTo target: String?, into buffer: inout ByteBuffer) {
        buffer.append(#"{"id":"#)
        buffer.writeJSON(id)
        buffer.append(#","object":"model","created":"#)
        buffer.writeJSON(entry.created ?? Self.created(fromDateIn: entry.id) ?? Self.unknownCreated)
        buffer.append(#","owned_by":"#)
        buffer.writeJSON(entry.ownedBy ?? Self.owner(of: entry.id))
        if let target {
            buffer.append(#","aliased_to":"#)
            buffer.writeJSON(target)
        }
        if let kind = entry.kind {
            buffer.append(#","kind":"#)
            buffer.writeJSON(kind.rawValue)
        }
        write(#","context_length":"#, entry.contextLength, into: &buffer)
        write(#","max_input_tokens":"#, entry.maxInputTokens, into: &buffer)
        write(#","max_output_tokens":"#, entry.maxOutputTokens, into: &buffer)
        write(#","max_items":"#, entry.maxItems, into: &buffer)
        if let dimensions = entry.dimensions {
            buffer.append(#","dimensions":["#)
            for (place, dimension) in dimensions.enumerated() {
                if place > 0 { buffer.append(",") }
                buffer.writeJSON(dimension)
            }
            buffer.append("]")
        }
        let references = entry.image?.values.references
        write(#","min_input_images":"#, references?.lowerBound, into: &buffer)
        write(#","max_input_images":"#, references?.upperBound, into: &buffer)
        writeModalities(of: entry, into: &buffer)
        if let thinking = entry.thinking?.word {
            buffer.append(#","thinking":"#)
            buffer.writeJSON(thinking)
        }
        writeCapabilities(of: entry, into: &buffer)
        if let retirement = entry.retirement {
            buffer.append(#","retirement":"#)
            buffer.writeJSON(retirement)
        }
        buffer.append("}")
    }

    private func write(_ name: StaticString, _ count: Int?, into buffer: inout ByteBuffer) {
        guard let count else { return }
        buffer.append(name)
        buffer.writeJSON(count)
    }

    private func writeModalities(of entry: CatalogEntry, into buffer: inout ByteBuffer) {
        let input = entry.input ?? entry.image?.input
        let output = entry.output ?? entry.image?.input.map { _ in .image }
        guard input != nil || output != nil else { return }
        buffer.append(#","modalities":{"#)
        if let input {
            buffer.append(#""input":"#)
            write(input, into: &buffer)
        }
        if let output {
            if input != nil { buffer.append(",") }
            buffer.append(#""output":"#)
            write(output, into: &buffer)
        }
        buffer.append("}")
    }

    private func write(_ modalities: ModelModalities, into buffer: inout ByteBuffer) {
        buffer.append("[")
        let words = ModelModalities.words.filter { modalities.contains($0.modality) }
        for (index, word) in words.enumerated() {
            if index > 0 { buffer.append(",") }
            buffer.writeJSON(word.word)
        }
        buffer.append("]")
    }

    private func writeCapabilities(of entry: CatalogEntry, into buffer: inout ByteBuffer) {
        let capabilities: [(StaticString, Bool?)] = [
            (#""tools":"#, entry.tools),
            (#""structured_output":"#, entry.structuredOutput),
            (#""web_search":"#, entry.webSearch),
        ]
        var isFirst = true
        for case (let name, let flag?) in capabilities {
            buffer.append(isFirst ? #","capabilities":{"# : ",")
            buffer.append(name)
            buffer.writeJSON(flag)
            isFirst = false
        }
        if !isFirst { buffer.append("}") }
    }

    /// Who a model is said to belong to: the partner in front of the slash, otherwise the cloud that serves it.
    static func owner(of id: String) -> String {
        guard let slash = id.firstIndex(of: "/"), !id.hasPrefix(ResolvedModel.appPrefix) else { return "alibaba-cloud" }
        return String(id[..<slash])
    }

    /// Unix seconds of the date at the end of an id such as `qwen-plus-2025-12-01`.
    static func created(fromDateIn id: String) -> Int? {
        var bytes = Array(id.utf8)[...]
        if bytes.reversed().starts(with: "su-".utf8) { bytes = bytes.dropLast(3) }
        let date = bytes.suffix(11)
        guard ModelName.isDate(date) else { return nil }
        let numbers = date.split(separator: UInt8(ascii: "-")).map { digits in
            digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        guard numbers.count == 3, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else { return nil }
        return CalendarDate(year: numbers[0], month: numbers[1], day: numbers[2]).daysSince1970 * 86_400
    }
}
