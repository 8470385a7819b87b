import APITranslation
import Testing

@testable import Gateway

struct UnknownModelTests {
    @Test(arguments: [
        ("qwen-pluss", " Did you mean `qwen-plus`?"),
        (
            "gpt-4o",
            " The catalogue has no `gpt-4o`: GET /v1/models lists the models, and the operator names one for it under "
                + "`aliases` of the catalogue file."
        ),
        // It is in the catalogue; why it is not there upstream is upstream's to say.
        ("qwen-plus", ""),
        ("", ""),
    ])
    func theErrorSaysWhichModelMayBeMeant(name: String, added: String) {
        var error = APIError(status: 404, message: "No.", type: "invalid_request_error", code: "model_not_found")
        error.explainUnknownModel(name, of: ModelCatalog())
        #expect(error.message == "No." + added)
    }

    @Test func otherErrorsStayAsTheyAre() {
        var error = APIError(status: 400, message: "No.", type: "invalid_request_error", code: "invalid_value")
        error.explainUnknownModel("gpt-4o", of: ModelCatalog())
        #expect(error.message == "No.")
    }
}
