// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors in every target of ours.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let embedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "settled",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "settled", targets: ["settled"]),
        .executable(name: "settlectl", targets: ["settlectl"]),
        .executable(name: "settle-replay", targets: ["settle-replay"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),

        .target(name: "SettlementDomain", swiftSettings: strict),
        .target(name: "Ledger", dependencies: ["SettlementDomain"], swiftSettings: strict),
        .target(
            name: "LedgerSQLite", dependencies: ["Ledger", "SettlementDomain", "CSQLite", grdb],
            swiftSettings: strict),
        .target(
            name: "LedgerPostgreSQL", dependencies: ["Ledger", "SettlementDomain", "CPostgreSQL"],
            swiftSettings: strict),
        .target(
            name: "SettlementProtocol",
            dependencies: [
                "Ledger", "SettlementDomain", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ], swiftSettings: strict),
        .target(name: "CardSecurity", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(
            name: "TLSChannel",
            dependencies: ["COpenSSL", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict),
        .target(name: "CertificateAuthority", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(
            name: "SiteFiles", dependencies: ["Ledger", "SettlementDomain", yams],
            swiftSettings: strict),
        .target(
            name: "SettlementServer",
            dependencies: [
                "SettlementProtocol", "Ledger", "SettlementDomain", "TLSChannel", "CardSecurity",
                logging, yams, .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ] + nio, swiftSettings: strict),
        .target(
            name: "SettlementClient",
            dependencies: [
                "SettlementProtocol", "Ledger", "SettlementDomain", "TLSChannel", "CardSecurity",
            ] + nio, swiftSettings: strict),

        .target(
            name: "StoreChoice",
            dependencies: [
                "SettlementServer", "LedgerSQLite", "LedgerPostgreSQL", "Ledger",
                "SettlementDomain", "CardSecurity",
            ], swiftSettings: strict),

        .executableTarget(
            name: "settled",
            dependencies: [
                "SettlementServer", "SettlementClient", "SettlementProtocol", "StoreChoice",
                "Ledger", "SettlementDomain", "TLSChannel", "CardSecurity", arguments, logging,
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "settlectl",
            dependencies: [
                "SettlementClient", "SettlementServer", "StoreChoice", "SiteFiles",
                "CertificateAuthority", "CardSecurity", arguments,
            ], swiftSettings: strict),
        .executableTarget(
            name: "settle-replay",
            dependencies: [
                "SettlementClient", "SettlementProtocol", "Ledger", "SettlementDomain",
                "TLSChannel", "CardSecurity", arguments,
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ] + nio, swiftSettings: strict),
        .executableTarget(
            name: "settle-bench",
            dependencies: [
                "SettlementServer", "SettlementClient", "SettlementProtocol", "StoreChoice",
                "LedgerSQLite", "Ledger", "SettlementDomain", "TLSChannel", "CardSecurity",
                arguments, logging, grdb,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ] + nio, swiftSettings: strict),

        .target(
            name: "FuzzTargets",
            dependencies: [
                "TestSupport", "SettlementServer", "SettlementClient", "SettlementProtocol",
                "SiteFiles", "CertificateAuthority", "Ledger", "SettlementDomain", "TLSChannel",
                "CardSecurity", "COpenSSL", embedded, logging,
            ] + nio, path: "Tests/FuzzTargets", swiftSettings: strict),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "SettlementDomainTests", dependencies: ["SettlementDomain"],
            swiftSettings: strict),
        .testTarget(
            name: "LedgerTests", dependencies: ["TestSupport", "Ledger", "SettlementDomain"],
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["Ledger", "SettlementDomain"],
            path: "Tests/TestSupport", swiftSettings: strict),
        .target(
            name: "TestProcesses", path: "Tests/TestProcesses", swiftSettings: strict),
        .target(
            name: "Simulation",
            dependencies: [
                "TestSupport", "SettlementServer", "SettlementProtocol", "LedgerSQLite", "Ledger",
                "SettlementDomain", "CardSecurity", embedded, logging, grdb,
            ] + nio, path: "Tests/Simulation", swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation", "TestSupport"],
            swiftSettings: strict),
        .executableTarget(
            name: "settle-simulate", dependencies: ["Simulation", arguments],
            path: "Tests/settle-simulate", swiftSettings: strict),
        .testTarget(
            name: "LedgerContractTests",
            dependencies: [
                "TestSupport", "TestProcesses", "LedgerSQLite", "LedgerPostgreSQL", "Ledger",
                "SettlementDomain",
            ], swiftSettings: strict),
        .testTarget(
            name: "LedgerPostgreSQLTests",
            dependencies: [
                "TestSupport", "TestProcesses", "LedgerPostgreSQL", "Ledger", "SettlementDomain",
                "CertificateAuthority",
            ], swiftSettings: strict),
        .testTarget(
            name: "LedgerSQLiteTests",
            dependencies: [
                "TestSupport", "Simulation", "LedgerSQLite", "Ledger", "SettlementDomain", grdb,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CardSecurityTests", dependencies: ["CardSecurity", "COpenSSL"],
            swiftSettings: strict),
        .testTarget(
            name: "TLSChannelTests",
            dependencies: ["TLSChannel", "CertificateAuthority", "COpenSSL", embedded] + nio,
            swiftSettings: strict),
        .testTarget(
            name: "CertificateAuthorityTests", dependencies: ["CertificateAuthority"],
            swiftSettings: strict),
        .testTarget(
            name: "SettlementProtocolTests",
            dependencies: [
                "SettlementProtocol", "Ledger", "SettlementDomain",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ], swiftSettings: strict),
        .testTarget(
            name: "SiteFilesTests", dependencies: ["SiteFiles", "Ledger", "SettlementDomain"],
            swiftSettings: strict),
        .testTarget(
            name: "SettlementServerTests",
            dependencies: [
                "SettlementServer", "SettlementProtocol", "Ledger", "SettlementDomain",
                "TLSChannel", "CardSecurity", "CertificateAuthority", embedded, logging,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ] + nio, swiftSettings: strict),
        .testTarget(
            name: "SettlementClientTests",
            dependencies: [
                "TestSupport", "SettlementClient", "settle-replay", "SettlementProtocol", "Ledger",
                "SettlementDomain", "TLSChannel", "CardSecurity", "CertificateAuthority",
            ] + nio, swiftSettings: strict),
        .target(
            name: "TestSite",
            dependencies: [
                "TestProcesses", "SettlementClient", "SettlementProtocol", "StoreChoice",
                "LedgerSQLite", "LedgerPostgreSQL", "Ledger", "SettlementDomain", "TLSChannel",
                "CardSecurity",
                "CertificateAuthority", grdb,
            ] + nio, path: "Tests/TestSite", swiftSettings: strict),
        .testTarget(
            name: "AcceptanceTests",
            dependencies: [
                "TestSite", "TestSupport", "TestProcesses", "StoreChoice", "SiteFiles",
                "SettlementClient",
                "SettlementProtocol", "Ledger", "SettlementDomain", "TLSChannel", "CardSecurity",
                "CertificateAuthority", "settled",
            ] + nio, swiftSettings: strict),
        .testTarget(
            name: "SettlectlTests",
            dependencies: [
                "TestProcesses", "settled", "settlectl", "settle-replay", "settle-bench",
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// libFuzzer brings its own main function, so that its program can only be linked by Scripts/fuzz.
if Context.environment["SETTLED_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "settle-fuzz", dependencies: ["FuzzTargets"], path: "Fuzz/settle-fuzz",
            swiftSettings: strict))
}
