import JSONBytes

extension ImageTraits {
    /// Reads the member `image` of a catalogue's entry.
    convenience init(_ object: JSONValue) throws(TraitsFault) {
        guard object.kind == .object else { throw TraitsFault(message: "must be an object") }
        var values = Values()
        var (sizes, takesSizes) = (ImageSizes(), true)
        for member in object.members {
            let name = member.name.string ?? ""
            let value = TraitsMember(name: name, value: member.value)
            switch name {
            case "prompt":
                guard let prompt = member.value.string.flatMap({ Prompt(rawValue: $0) }) else {
                    throw value.fault("must be required or none")
                }
                values.prompt = prompt
            case "prompt_limit": values.promptLimit = try value.count()
            case "reference": values.reference = try value.text()
            case "references": values.references = try value.range()
            case "reference_megabytes": values.referenceMegabytes = try value.count()
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
            case "takes": values.options = try value.words()
            default: throw TraitsFault(message: "has an unknown member \(name)")
            }
        }
        values.sizes = takesSizes ? sizes : nil
        self.init(values)
    }
}
