/// The facts of a chat request that the reply translators need.
package struct ChatReplyContext: ReplyContext {
    /// The model name the client used, repeated in every object.
    package var model: String
    /// Unix seconds, the same in every object of one answer.
    package var created: Int
    /// Number of choices asked for (`n`).
    package var choices: Int
    /// `stream_options.include_usage`.
    package var includesUsage: Bool
    /// The client used the deprecated `functions`: answer with `function_call`.
    package var usesLegacyFunctions: Bool
    /// Upstream repeats the text so far in each event, whatever was asked (older translation models).
    package var isCumulative: Bool
    /// Names of OpenAI custom tools that were presented upstream as functions with one string `input`.
    package var customTools: [String]
    /// Stands in the answer's id where upstream gives no request id; unique where the caller sets it so.
    package var fallbackID = ""

    package init(
        model: String,
        created: Int,
        choices: Int = 1,
        includesUsage: Bool = false,
        usesLegacyFunctions: Bool = false,
        isCumulative: Bool = false,
        customTools: [String] = []
    ) {
        self.model = model
        self.created = created
        self.choices = choices
        self.includesUsage = includesUsage
        self.usesLegacyFunctions = usesLegacyFunctions
        self.isCumulative = isCumulative
        self.customTools = customTools
    }

    package func makeReply(isStreamed: Bool) -> any ReplyTranslating {
        ChatReply(context: self, isStreamed: isStreamed)
    }

    var native: NativeReplyContext {
        NativeReplyContext(
            created: created,
            choices: choices,
            isCumulative: isCumulative,
            customTools: customTools,
            fallbackID: fallbackID
        )
    }
}
