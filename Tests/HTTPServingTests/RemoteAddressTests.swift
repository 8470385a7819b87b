import HTTPServing
import NIOCore
import Testing

struct RemoteAddressTests {
    @Test func anAddressIsATextAndANumber() throws {
        let v4 = RemoteAddress(try SocketAddress(ipAddress: "192.0.2.1", port: 4711))
        #expect(v4.text == "192.0.2.1")
        #expect(v4.bits == 0xFFFF_C000_0201)
        let v6 = RemoteAddress(try SocketAddress(ipAddress: "2001:db8::ff01", port: 4711))
        #expect(v6.text == "2001:db8::ff01")
        #expect(v6.bits == 0x2001_0DB8_0000_0000_0000_0000_0000_FF01)
    }

    @Test func aUnixSocketHasNone() throws {
        #expect(RemoteAddress(try SocketAddress(unixDomainSocketPath: "/run/x")) == .unnamed)
        #expect(RemoteAddress.unnamed.text == "")
        #expect(RemoteAddress.unnamed.bits == nil)
    }
}
