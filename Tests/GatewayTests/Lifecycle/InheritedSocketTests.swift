import Foundation
import Gateway
import Testing

struct InheritedSocketTests {
    private func announced(_ environment: [String: String]) -> [InheritedSocket] {
        InheritedSocket.announced(in: environment, processID: 42)
    }

    @Test func theManagersSocketsBeginAtThreeAndHaveNames() {
        #expect(
            announced(["LISTEN_PID": "42", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "public:admin"]) == [
                InheritedSocket(descriptor: 3, name: "public"), InheritedSocket(descriptor: 4, name: "admin"),
                InheritedSocket(descriptor: 5, name: ""),
            ]
        )
    }

    @Test(arguments: [
        [:], ["LISTEN_FDS": "1"], ["LISTEN_PID": "41", "LISTEN_FDS": "1"], ["LISTEN_PID": "42", "LISTEN_FDS": "0"],
        ["LISTEN_PID": "42", "LISTEN_FDS": "-1"], ["LISTEN_PID": "42", "LISTEN_FDS": "99999999"],
        ["LISTEN_PID": "x", "LISTEN_FDS": "1"],
    ])
    func variablesOfAnotherProcessOrWithoutSenseGiveNone(environment: [String: String]) {
        #expect(announced(environment) == [])
    }

    @Test func socketsAreTakenOnceAndCloseOnExec() async {
        // The environment is changed, so in a process of its own.
        await #expect(processExitsWith: .success) {
            let listener: Int32 = 200
            let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            #expect(dup2(socket, listener) == listener && listen(listener, 1) == 0)
            // The next descriptor is open and does not listen.
            #expect(dup2(0, listener + 1) == listener + 1)
            setenv("LISTEN_PID", String(getpid()), 1)
            setenv("LISTEN_FDS", "2", 1)
            setenv("LISTEN_FDNAMES", "web:x", 1)
            let sockets = InheritedSocket.takeAll(
                environment: ProcessInfo.processInfo.environment,
                firstDescriptor: listener
            )
            #expect(sockets == [InheritedSocket(descriptor: listener, name: "web")])
            #expect(fcntl(listener, F_GETFD) & FD_CLOEXEC != 0)
            #expect(getenv("LISTEN_PID") == nil && getenv("LISTEN_FDS") == nil && getenv("LISTEN_FDNAMES") == nil)
        }
    }
}
