import ArgumentParser
import Foundation

/// What every command takes.
struct SiteOptions: ParsableArguments {
    @Option(help: "The site's folder. Default: $SETTLED_SITE, else the current folder.")
    var site: String?

    @Flag(help: "Answer in JSON.")
    var json = false

    /// Where answers go.
    var printer: Printer { Printer(json: json) }

    /// The site that the options name.
    func open() throws -> Site {
        let directory = site ?? ProcessInfo.processInfo.environment["SETTLED_SITE"] ?? "."
        return try Site(openingIn: directory)
    }

    /// Does something at the site's desk and lets go of it.
    func withDesk<Value>(_ body: (any OperatorDesk, Site) throws -> Value) throws -> Value {
        let site = try open()
        let desk = try site.desk()
        defer { desk.close() }
        return try body(desk, site)
    }
}
