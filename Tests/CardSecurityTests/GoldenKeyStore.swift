/// A key store of version 1 that was sealed without this module's code, by AES-256-GCM of another
/// library, and the key that opens it.
enum GoldenKeyStore {
    static let key = hex(
        "2fb592b2d8b0007bec0455b12f34e96273a7feda565ccf32ece004dcf61180f2")

    static let file = hex(
        "736574746c654b53010100000000000063479ad69a090b258277ec8fba6f9941"
            + "78377b525757b494427f89010000009e230ade2517839b516be3e48ed69acca6"
            + "b5de3ed0098280c5679d553c949e39fc6e17cf299463e37a3722529adfde53a2"
            + "69dfbd67f12d6ca7dfb3f1046dfc8539cb1a360c92dc39cc4d29ecfeba274929"
            + "800b37b22a66889367865987b6f162105ffe952622bb2781bed592282a6cfba9"
            + "14373b4f66b5d689dc752b5920f557e3501536472b9394f62bd083eaefe22a01"
            + "fea0f1c5450e55687e6eee2788b956fce2ee101a72b8c1256ecd371a31e4")
}
