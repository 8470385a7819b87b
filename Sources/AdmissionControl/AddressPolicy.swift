/// Which client addresses may use the service: a denied one never, an allowed one always, any if nothing is on the
/// allow list.
package struct AddressPolicy: Sendable, Equatable {
    package var allowed: AddressRangeList
    package var denied: AddressRangeList

    package init(allowed: AddressRangeList = AddressRangeList(), denied: AddressRangeList = AddressRangeList()) {
        self.allowed = allowed
        self.denied = denied
    }

    /// Whether the address may use the service; no address (a Unix socket's peer) is bound by no list.
    package func admits(_ address: ClientAddress?) -> Bool {
        guard let address else { return true }
        if !denied.isEmpty, denied.contains(address) { return false }
        return allowed.isEmpty || allowed.contains(address)
    }
}
