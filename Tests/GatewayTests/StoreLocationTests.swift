import Testing

@testable import Gateway

struct StoreLocationTests {
    @Test func theSettingNamesAnEngine() throws {
        #expect(try StoreLocation("none") == .none)
        #expect(try StoreLocation("memory:") == .memory)
        #expect(try StoreLocation("sqlite:") == .file("gateway.db"))
        #expect(
            try StoreLocation("sqlite:", stateDirectory: "/var/lib/one:/var/lib/two")
                == .file("/var/lib/one/gateway.db")
        )
        #expect(try StoreLocation("sqlite:here.db", stateDirectory: "/var/lib/one") == .file("here.db"))
        #expect(try StoreLocation("sqlite:/srv/a.db") == .file("/srv/a.db"))
        #expect(try StoreLocation("sqlite:///srv/a.db") == .file("/srv/a.db"))
    }

    @Test(arguments: ["", "sqlite", "sqlite:/srv/", "sqlite://", "postgres://x", "Memory:"])
    func otherWordsAreRefused(url: String) {
        #expect(throws: ConfigurationProblem.self) { try StoreLocation(url) }
    }
}
