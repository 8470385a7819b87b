import JSONBytes

extension VideoTraits {
    /// Reads the member `video` of a catalogue's entry.
    convenience init(_ object: JSONValue) throws(TraitsFault) {
        guard object.kind == .object else { throw TraitsFault(message: "must be an object") }
        var values = Values()
        for member in object.members {
            let name = member.name.string ?? ""
            let value = TraitsMember(name: name, value: member.value)
            switch name {
            case "prompt":
                guard let prompt = member.value.string.flatMap({ Prompt(rawValue: $0) }) else {
                    throw value.fault("must be required, optional or none")
                }
                values.prompt = prompt
            case "prompt_limit": values.promptLimit = try value.count()
            case "media": values.media = try value.places()
            case "members": values.members = try value.places()
            case "references": values.references = try value.count()
            case "inputs": values.inputs = try value.texts()
            case "needs": values.needs = try value.texts()
            case "sizes":
                let texts = try value.texts()
                var sizes = ImageSizes()
                sizes.fixed = texts.compactMap { ImageSizes.Size($0) }
                guard texts == ["any"] || sizes.fixed.count == texts.count else {
                    throw value.fault("must hold sizes such as 1280*720, or any alone")
                }
                values.sizes = sizes
            case "resolutions":
                let texts = try value.texts()
                values.resolutions = texts.compactMap { VideoResolution($0) }
                guard values.resolutions.count == texts.count else {
                    throw value.fault("must hold resolutions such as 720P")
                }
            case "resolution_as": values.resolutionName = try value.text()
            case "ratios": values.ratios = try value.texts()
            case "ratio_as": values.ratioName = try value.text()
            case "seconds": values.seconds = .range(try value.range())
            case "durations": values.seconds = .list(try value.counts())
            case "seconds_with_video": values.secondsWithVideo = try value.range()
            case "auto":
                guard let number = member.value.integer else { throw value.fault("must be a whole number") }
                values.automaticSeconds = number
            case "takes": values.options = try value.words()
            case "remix": values.remix = try value.text()
            default: throw TraitsFault(message: "has an unknown member \(name)")
            }
        }
        self.init(values)
    }
}

extension TraitsMember {
    fileprivate func counts() throws(TraitsFault) -> [Int] {
        let counts = value.elements.map { $0.integer ?? 0 }
        guard value.kind == .array, counts.allSatisfy({ $0 > 0 }) else {
            throw fault("must be an array of whole numbers above 0")
        }
        return counts
    }

    fileprivate func places() throws(TraitsFault) -> [VideoTraits.Place] {
        guard value.kind == .object else { throw fault("must be an object of names and the most of each") }
        var places: [VideoTraits.Place] = []
        for member in value.members {
            guard let most = member.value.integer, most > 0 else {
                throw fault("must be an object of names and the most of each")
            }
            places.append(VideoTraits.Place(name: member.name.string ?? "", most: most))
        }
        return places
    }
}
