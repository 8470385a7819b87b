/// What the translation needs to know of a model that makes images: the shape of its request, and its limits.
package final class ImageTraits: Sendable, Equatable {
    enum Prompt: String, Sendable {
        case required, none
    }

    /// Settings that some models know and others refuse.
    enum Option: String, Sendable, CaseIterable {
        case negativePrompt = "negative_prompt"
        case promptExtend = "prompt_extend"
        case seed
        case watermark
    }

    struct Values: Sendable, Equatable {
        var prompt = Prompt.required
        /// What the model reads of a prompt, in characters; nil where it refuses longer ones or nobody knows.
        var promptLimit: Int?
        /// The name of the images it is given, where they do not stand in a message.
        var reference: String?
        var references: ClosedRange<Int>?
        /// The largest file of such an image, in megabytes; nil where nobody knows.
        var referenceMegabytes: Int?
        /// Further members of `input`.
        var inputs: [String] = []
        /// nil where the model takes no size.
        var sizes: ImageSizes? = ImageSizes()
        /// Ratios such as `16:9`, where it takes those and a resolution in place of a size.
        var aspects: [String] = []
        var styles: [String] = []
        /// The most images of one call; nil where there is no `n`.
        var count: Int?
        /// The most images of a series; nil where it makes none.
        var series: Int?
        /// nil where nobody knows.
        var options: [Option]?

        /// Whether the model goes by images at all.
        var takesImages: Bool { references.map { $0.upperBound > 0 } ?? (reference != nil || inputs.isEmpty) }
        /// The most images it goes by; nil where nobody knows.
        var mostImages: Int? { references?.upperBound ?? (reference == nil ? nil : 1) }
        /// The member of `input` that holds a mask.
        var mask: String? { inputs.first { $0.hasPrefix("mask_") } }
    }

    let values: Values

    init(_ values: Values) { self.values = values }

    /// What the model reads of a request for images; nil where its input has names of its own only.
    var input: ModelModalities? {
        var read: ModelModalities = []
        if values.prompt == .required { read.insert(.text) }
        if values.takesImages { read.insert(.image) }
        return read.isEmpty ? nil : read
    }

    package static func == (left: ImageTraits, right: ImageTraits) -> Bool { left.values == right.values }

    /// Whether the model knows a setting; one that is not known to the catalogue is asked.
    func takes(_ option: Option) -> Bool { values.options?.contains(option) ?? true }
}
