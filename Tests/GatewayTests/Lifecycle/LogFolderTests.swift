import Testing

@testable import Gateway

struct LogFolderTests {
    private let mounts = """
        36 35 98:0 / / rw,noatime master:1 - overlay overlay rw
        41 36 98:1 /srv/logs /app/logs rw,relatime - ext4 /dev/vda rw
        """

    private func notice(
        _ file: String? = nil,
        folder: String? = "/app/logs",
        mounts: String? = nil,
        isWritable: Bool = true
    ) -> String? {
        let environment = folder.map { ["LOGS_DIRECTORY": $0] } ?? [:]
        return LogFolder.notice(file: file, environment: environment, mounts: mounts ?? self.mounts) { _ in isWritable }
    }

    @Test func aMountedFolderThatGetsNothingIsTold() {
        #expect(
            notice()
                == "request records go to standard output, not into the mounted folder /app/logs: LOG_FILE=/app/logs/gateway.log puts them there"
        )
        #expect(notice(isWritable: false)?.contains("there, once the folder belongs to user ") == true)
    }

    @Test func nothingIsToldWhereAllIsAsItSeems() {
        #expect(notice("/app/logs/gateway.log") == nil)
        #expect(notice(folder: nil) == nil)
        #expect(notice(folder: "/app") == nil)
        #expect(notice(mounts: "36 35 98:0 / / rw,noatime master:1 - overlay overlay rw\n") == nil)
        #expect(notice(mounts: "") == nil)
    }
}
