import Testing

@testable import Gateway

struct NearestNameTests {
    @Test(arguments: [
        ("/v1/embedings", "/v1/embeddings"),
        ("/V1/Embeddings", "/v1/embeddings"),
        ("/v1/mdoels", "/v1/models"),
        ("/v1/mod", nil),
        ("/metrics", nil),
        ("", nil),
        // As near to the one as to the other.
        ("/v1/a", nil),
    ])
    func theNearestPathIsFound(written: String, meant: String?) {
        #expect(NearestName.find(written, in: ["/v1/embeddings", "/v1/models", "/v1/b", "/v1/c"]) == meant)
    }

    @Test(arguments: [
        ("server.prot", "server.port"),
        ("port", "server.port"),
        ("log.port", "server.port"),
        ("level", nil),
        ("log.leve", "log.level"),
    ])
    func theNearestKeyIsFoundInItsSection(written: String, meant: String?) {
        #expect(NearestName.findKey(written, in: ["server.port", "log.level", "trace.level"]) == meant)
    }

    @Test(arguments: [
        ("/v1/models/a/b/c", ["a/b/c"]),
        ("/v1/models/a%2Fb", ["a/b"]),
        ("/v1/models/", nil),
        ("/v1/responses/resp_1/input_items", ["resp_1"]),
        ("/v1/responses/resp_1/nothing", nil),
    ])
    func theRestOfAPathMayBeOneParameter(path: String, parameters: [String]?) {
        let match = RouteTable.find(path)
        #expect((match?.route.hasParameters == true ? match?.parameters : nil) == parameters)
    }
}
