/// Environment variables that look like settings and are none.
package enum UnknownVariables {
    /// One warning for each, without its value: it may be a secret.
    ///
    /// They are no errors: other programs' variables may begin with the same words.
    package static func warnings(in environment: [String: String]) -> [String] {
        let names = SettingTable.all.flatMap { [$0.variable, $0.alias].compactMap { $0 } }
        let known = Set(names + ["DASHSCOPE_API_KEY"])
        let prefixes = Set(names.compactMap { $0.contains("_") ? $0.prefix { $0 != "_" } + "_" : nil })
        return environment.keys.sorted().compactMap { name in
            guard !known.contains(name), prefixes.contains(where: name.hasPrefix), !isOfKubernetes(name) else {
                return nil
            }
            let meant = NearestName.find(name, in: names).map { "; did you mean \($0)?" } ?? ""
            return "environment \(name): is no setting of the gateway\(meant)"
        }
    }

    /// Whether Kubernetes sets this variable in every container, to describe the services beside it.
    private static func isOfKubernetes(_ name: String) -> Bool {
        name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.contains("_PORT_")
            || name.hasSuffix("_PORT")
    }
}
