import JSONBytes

extension ImageTraits {
    /// Why the member `image` of a catalogue's entry cannot be read.
    struct Fault: Error {
        var message: String
    }

    /// Reads the member `image` of a catalogue's entry.
    convenience init(_ object: JSONValue) throws(Fault) {
        guard object.kind == .object else { throw Fault(message: "must be an object") }
        var values = Values()
        var (sizes, takesSizes) = (ImageSizes(), true)
        for member in object.members {
            let name = member.name.string ?? ""
            let value = Member(name: name, value: member.value)
            switch name {
            case "prompt":
                guard let prompt = member.value.string.flatMap({ Prompt(rawValue: $0) }) else {
                    throw value.fault("must be required or none")
                }
                values.prompt = prompt
            case "prompt_limit": values.promptLimit = try value.count()
            case "reference": values.reference = try value.text()
            case "references": values.references = try value.range()
            case "inputs": values.inputs = try value.texts()
            case "styles": values.styles = try value.texts()
            case "aspects": values.aspects = try value.texts()
            case "count": values.count = try value.count()
            case "series": values.series = try value.count()
            case "area": sizes.area = try value.range()
            case "sides": sizes.sides = try value.range()
            case "ratio": sizes.ratio = Double(try value.count())
            case "sizes":
                let texts = try value.texts()
                takesSizes = !texts.isEmpty
                sizes.fixed = texts.compactMap { ImageSizes.Size($0) }
                sizes.words = texts.filter { ImageSizes.Size($0) == nil }
            case "takes":
                var options: [Option] = []
                for text in try value.texts() {
                    guard let option = Option(rawValue: text) else {
                        throw value.fault(
                            "must hold only \(Option.allCases.map(\.rawValue).joined(separator: ", "))"
                        )
                    }
                    options.append(option)
                }
                values.options = options
            default: throw Fault(message: "has an unknown member \(name)")
            }
        }
        values.sizes = takesSizes ? sizes : nil
        self.init(values)
    }

    private struct Member {
        var name: String
        var value: JSONValue

        func fault(_ message: String) -> Fault { Fault(message: "\(name) \(message)") }

        func count() throws(Fault) -> Int {
            guard let count = value.integer, count > 0 else { throw fault("must be a whole number above 0") }
            return count
        }

        func text() throws(Fault) -> String {
            guard let text = value.string, !text.isEmpty else { throw fault("must be a string that is not empty") }
            return text
        }

        func texts() throws(Fault) -> [String] {
            let texts = value.elements.compactMap { $0.string }
            guard value.kind == .array, texts.count == value.elements.reduce(0, { count, _ in count + 1 }) else {
                throw fault("must be an array of strings")
            }
            return texts
        }

        func range() throws(Fault) -> ClosedRange<Int> {
            let ends = value.elements.compactMap { $0.integer }
            guard value.kind == .array, ends.count == 2, ends[0] >= 0, ends[0] <= ends[1] else {
                throw fault("must be an array of the smallest and the largest whole number")
            }
            return ends[0]...ends[1]
        }
    }
}
