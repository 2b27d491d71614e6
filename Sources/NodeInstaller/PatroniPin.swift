import ClusterModel

/// The Patroni release that is installed by default, and everything it needs from PyPI, pinned by version and hash.
///
/// Hashes are of the files for CPython 3.11 (Debian 12) on x86_64 and aarch64. `python-dateutil` and others are held at
/// versions that were tested together with this Patroni.
package enum PatroniPin {
    package static let version = PatroniSource.pinnedVersion

    /// What builds ydiff, which Patroni 4.1 needs in a version that exists as a source archive only.
    package static let buildRequirements = #"""
        wheel==0.45.1 \
            --hash=sha256:708e7481cc80179af0e556bbf0cc00b8444c7321e2700b8d8580231d13017248

        """#

    /// A requirements file in pip's form; `pip install --require-hashes` refuses anything else.
    package static let requirements = #"""
        certifi==2026.10.19.post1 \
            --hash=sha256:1324c476b4811eff41a8bc2122cd0bbd4d9c7234c725446d99ab1612b3a7fdd2
        charset-normalizer==3.5.2 \
            --hash=sha256:d760fe2a4d7c3b226cb9026d6a842868d52a7901bd98420e1baf14e80da85cf5 \
            --hash=sha256:211d5a3eb6af8f513b8d4ca19a8c1b7accab1b5f0d3175f9826b03c1a920dc1f
        click==8.5.1 \
            --hash=sha256:8bb5376d2006950386f8c6427613334a2acadc5f559cb80e638d00b4df957e37
        idna==3.20 \
            --hash=sha256:ab7ae7122974553370f0bdb919e1a960b2cd1bc1ef0276416d896db81c14582c
        kazoo==2.11.0 \
            --hash=sha256:aa6be17159540dae4087661b8d4e24c7b58d4dc26170a2d5b8468b06712d84a9
        patroni==4.1.5 \
            --hash=sha256:7aad8c1539e6c51c269a8005169dd54ddc7668437b7900fa6099d7894e224c84
        prettytable==3.18.0 \
            --hash=sha256:b3346e0e6f79180833aebaac088ae926340586cf6d7d991b9eb125b65f72313a
        psutil==7.2.2 \
            --hash=sha256:076a2d2f923fd4821644f5ba89f059523da90dc9014e85f8e45a5774ca5bc6f9 \
            --hash=sha256:b0726cecd84f9474419d67252add4ac0cd9811b04d61123054b9fb6f57df6e9e
        psycopg2-binary==2.9.13 \
            --hash=sha256:930e7e58b33a4f9c39e7532d7a40147925cf3372baed4229cbebe0cf3ba9ce6b \
            --hash=sha256:3aea95340825f5ff236e7b40f0b5602c2c77a1e95943f71fae34909834043d29
        py-consul==1.8.0 \
            --hash=sha256:242f45d66c97224ecd04ba1dd4eb71053ed5a38dc7bb9b9387d2a882f7352d59
        python-dateutil==2.9.0.post0 \
            --hash=sha256:a8b2bc7bffae282281c8140a97d3aa9c14da0b136dfe83f850eea9a5f7470427
        pyyaml==6.0.4 \
            --hash=sha256:71bb5b87465d88d1dfc577115af6d435bff9b26f2512936f610c26aa55966028 \
            --hash=sha256:622aa875fa6533f25fedcffe23079357d65a690d462200afed5d8e9d0e01ebee
        requests==2.34.2 \
            --hash=sha256:2a0d60c172f83ac6ab31e4554906c0f3b3588d37b5cb939b1c061f4907e278e0
        six==1.17.0 \
            --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274
        urllib3==2.8.0 \
            --hash=sha256:0cf3cae568d36aa9576b28dfb35f11328f1cb974ca7647d9475ebb86c75ac6e3
        wcwidth==0.9.4 \
            --hash=sha256:093469e01d881bff3db93ff3f56c364dc87c441ea01f9f41c22de0c0bdf5c6ef \
            --hash=sha256:b185c8b927b23af2721be1783499d1cfa5c028b098b0858951b4ae224477f1c2
        ydiff==1.4.2 \
            --hash=sha256:369be623dcde7954d98973fb9db1780d64f0353982bf3ac85818f3d62ff452b0

        """#
}
