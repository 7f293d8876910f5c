/// Key stores of each version that were sealed without this module's code, by AES-256-GCM of another
/// library, and the key that opens them.
enum GoldenKeyStore {
    static let key = hex(
        "2fb592b2d8b0007bec0455b12f34e96273a7feda565ccf32ece004dcf61180f2")

    /// Of version 1.
    static let first = hex(
        "736574746c654b53010100000000000063479ad69a090b258277ec8fba6f9941"
            + "78377b525757b494427f89010000009e230ade2517839b516be3e48ed69acca6"
            + "b5de3ed0098280c5679d553c949e39fc6e17cf299463e37a3722529adfde53a2"
            + "69dfbd67f12d6ca7dfb3f1046dfc8539cb1a360c92dc39cc4d29ecfeba274929"
            + "800b37b22a66889367865987b6f162105ffe952622bb2781bed592282a6cfba9"
            + "14373b4f66b5d689dc752b5920f557e3501536472b9394f62bd083eaefe22a01"
            + "fea0f1c5450e55687e6eee2788b956fce2ee101a72b8c1256ecd371a31e4")

    /// Of version 2: the same keys, and a next key of terminal HOSP0001.
    static let second = hex(
        "736574746c654b53020100002f1c888999d7ec0dbe17fd00000000c300000000"
            + "01000000f1222818c8bf5b319d776c077e6a612c6a366e2d700f7aa4e66a62e5"
            + "9410b39a38cbf772d7e6d536d590cd126d86eaed31990773bcb1230575269891"
            + "7afc0666c18d98a4c1c91b045496b351ddbb83cfc9a31d386487c0ff7e992c3f"
            + "4665065d9fbf0b114c0dfe09387dc333731092a431342a58c44e970e4ccf1367"
            + "75a9f79fab618f23bbae721be731c274bbd17f062ecbfe2177996991bfe2fce3"
            + "a559e71dcd70894ac63c57efd0c4b4da5392491c764f9828e9f8c03c6f206725"
            + "3af7ded7baa52a1e1e155b4a52432063c4163e6f15ecc61fe6505c12337eac55"
            + "3067c84459db26b3aba6bfa16bc6d36ddde21ed74f77b9e6c4b893db677d42f0"
            + "4c97aa4e2266637a656ed25effcf81")

    /// Of version 3: the same keys, and two record keys, the SHA-256 digests of "first record key of
    /// the golden key store" and "second record key of the golden key store".
    static let third = hex(
        "736574746c654b530301000083a35144d35cb3799cfc827a0000011b00000000"
            + "010000002f255d9e089243d92e268c55ec6353e51df61be2ab9ed67d6451298b"
            + "20fa8e7ec2dc9311a4082f8584a1c7f63f52d253a3c1a6f110d7a16f334595a6"
            + "a399dea19744333238452fdf33cce919d53b4a625fc7ec79ff9d5eb4e364a506"
            + "cb95c4354d642cc0864024020f6b7c73a83111990a3428f876e6014bfcedf861"
            + "1d20cf7526eeb517e9eb7d10150bd413c8268d1662d1905b438f937e714aa9d2"
            + "d7133f5ab986ca9a58653bba402da53df8786c7574213fa034578e6bbf3d82d0"
            + "ea3abb94b0a945583e10e9711059aa9a4626e572125622ae13a14f648879e3b9"
            + "17bed42647fe1155cdbd96b74bdf16dfebb90c3e9d03ea280f6c8475ae7d8110"
            + "df1656f9870c3d817e49502a2de350aadecda4b40af113468407bc5e3d056d2e"
            + "db2efb24eeb2a83c53d45a192315df66953ee460b7a0aa78e7d84695dfc6ff97"
            + "580bff335636771f76fc9948799d0da7dfdccf7efc4c0b341dc0566884382a51"
            + "a4418035463e79")
}
