# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR/..
# Everything the scripts share. The caller has set "here" to the directory "containers".
# shellcheck disable=SC2154
. "$here/lib/common.sh"
. "$here/lib/cgroup.sh"
. "$here/lib/network.sh"
. "$here/lib/host.sh"
. "$here/lib/image.sh"
. "$here/lib/build.sh"
. "$here/lib/cluster.sh"
. "$here/lib/engine.sh"
