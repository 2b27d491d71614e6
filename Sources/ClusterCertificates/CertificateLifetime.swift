import Foundation

/// How long certificates are good for.
package enum CertificateLifetime {
    static let day: TimeInterval = 86400

    /// Replacing an authority means to touch all hosts.
    package static let authorityDays = 3650
    package static let hostDays = 365
    /// A certificate with less than that left is to be renewed.
    package static let renewalDays = 30
    /// Hosts whose clocks are a little behind take a new one at once.
    static let headStart: TimeInterval = 3600
}
