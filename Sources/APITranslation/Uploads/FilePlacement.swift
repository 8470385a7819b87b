/// Where a file of a form goes on its way to a model: into the call itself, or into DashScope's temporary storage.
package struct FilePlacement: Equatable, Sendable {
    /// Largest file, in bytes, that goes into the call as a data URL; 0 where the model takes links only.
    package var inlineLimit: Int
    /// Largest file, in bytes, that is uploaded and named by an `oss://` link; 0 where the model takes none.
    package var storageLimit: Int
    /// Files that the field takes.
    package var maximumCount: Int
    /// The model for which a file is uploaded, where that is not the one of the request; the form gets it as the member
    /// `FIELD_model`.
    package var model: String?

    package init(inlineLimit: Int, storageLimit: Int, maximumCount: Int = 1, model: String? = nil) {
        self.inlineLimit = inlineLimit
        self.storageLimit = storageLimit
        self.maximumCount = maximumCount
        self.model = model
    }

    /// Largest file, in bytes, that the model takes either way.
    package var maximumBytes: Int { max(inlineLimit, storageLimit) }
}

/// Translates the requests of an endpoint that is asked with a form, too.
///
/// The form arrives as a JSON object: its text fields are strings, `name[]` and repeated names are arrays, `name[key]` are
/// objects, and a file is the text of its data URL or `oss://` link.
package protocol FormTranslating: SplitTranslating {
    /// Where a file of the field goes; nil where the field takes none.
    ///
    /// `form` holds the text fields that have arrived, `model` among them; a large file is placed before the form is
    /// complete.
    func placement(of field: String, in form: FormDocument) -> FilePlacement?
}
