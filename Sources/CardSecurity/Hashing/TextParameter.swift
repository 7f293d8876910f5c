import COpenSSL

/// A list of parameters for libcrypto that has one text.
enum TextParameter {
    /// Gives the list, whose name and text are there while the function runs.
    ///
    /// `OSSL_PARAM` keeps the addresses of both. A Swift string that is given to a C function is gone
    /// when that function returns, so neither may be one.
    static func with<Result>(
        _ name: String, _ text: String, _ body: (UnsafePointer<OSSL_PARAM>?) -> Result
    ) -> Result {
        var text = Array(text.utf8CString)
        return name.withCString { name in
            text.withUnsafeMutableBufferPointer { text in
                let parameters = [
                    OSSL_PARAM_construct_utf8_string(name, text.baseAddress, 0),
                    OSSL_PARAM_construct_end(),
                ]
                return parameters.withUnsafeBufferPointer { body($0.baseAddress) }
            }
        }
    }
}
