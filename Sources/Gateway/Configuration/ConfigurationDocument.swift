/// `docs/configuration.md`, made of ``SettingTable``.
package enum ConfigurationDocument {
    package static func render() -> String {
        var text = """
            # Configuration

            Made from the code by `dashscope-gateway reference configuration`; a test keeps this page equal to it.

            A setting is given by an argument (`--set key=value`), by the environment, by a YAML file (`--config FILE`, where
            `server.port` is `port:` under `server:`) or by its default, in this order. Lists are written with commas in
            arguments and the environment. An empty environment variable is an unset one. A key that is no setting is an
            error.

            `dashscope-gateway check-config` prints every problem with its key and its source, or the configuration in force with
            secrets masked; `--changed` only what differs from the defaults and where it comes from, `--yaml` a file that can be saved.
            Environment variables that look like settings and are none are warned of. SIGHUP reads everything again: settings with *reload* apply to the next request, running ones go on
            undisturbed; a change of any other setting is named in the log and waits for a restart; a configuration with a
            problem changes nothing and says why. Certificates, the catalogue, the key file and the log file are opened anew.


            """
        let defaults = GatewayConfiguration()
        for section in SettingTable.sections {
            text += "## \(section.title)\n\n| setting | environment | default | change | |\n|---|---|---|---|---|\n"
            for setting in section.settings {
                let value = setting.text(in: defaults)
                var names = "`\(setting.variable)`"
                if let alias = setting.alias { names = "`\(alias)`, \(names)" }
                let unit = setting.unit.isEmpty || value.isEmpty ? "" : " \(setting.unit)"
                text += "| `\(setting.key)` | \(names) | \(value.isEmpty ? "–" : "`\(value)`\(unit)") "
                text += "| \(setting.reloads ? "reload" : "restart") | \(describe(setting)) |\n"
            }
            text += "\n"
        }
        text.removeLast()
        return text
    }

    private static func describe(_ setting: Setting) -> String {
        let kind =
            switch setting.kind {
            case .text: "Text"
            case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
            case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
            case .seconds: "Seconds"
            case .flag: "`true` or `false`"
            case .list: "List"
            }
        return "\(kind)\(setting.isSecret ? ", secret" : ""). \(setting.summary)"
    }
}
