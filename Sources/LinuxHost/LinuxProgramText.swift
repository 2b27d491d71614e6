import CLinux

/// The code and the constants of this program in memory.
package enum LinuxProgramText {
    /// Leaves their pages to the page cache until they are needed again, so that what only the start needed does not count as
    /// memory of this process for as long as it lives. Nothing is read from disk for it unless the kernel wants the memory itself.
    ///
    /// false where the kernel or the kind of program does not allow it, and then nothing has happened.
    @discardableResult
    package static func leave() -> Bool { pgha_unmap_program_text() == 0 }
}
