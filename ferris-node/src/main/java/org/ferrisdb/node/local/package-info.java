/// A cluster of node processes on this machine: what `ferris up`, `ferris demo` and the integration
/// tests start, break and mend.
///
/// A [LocalCluster] lives in one directory, and that directory is its whole state: any process can
/// open it and act on the nodes, whoever started them.
///
/// ```
///   DIR/cluster.properties      nodes, shards and ports, written once when the cluster is created
///   DIR/lock                    held while a command changes something
///   DIR/n1/node.conf            the node's configuration, written anew before each start
///   DIR/n1/pid                  "PID START_MILLIS" of the last process started
///   DIR/n1/console.log          what the process printed; kept small by the node, which logs to data/log
///   DIR/n1/data/                the node's data directory
/// ```
///
/// Nodes share the loopback; `org.ferrisdb.node.local.network` puts a network between them that can
/// be cut.
///
/// A pid file may be stale: the process died, the machine rebooted, the number went to somebody
/// else. So a process counts as the node only if it is alive, was started when the pid file says,
/// and its command line names the node's configuration file ([NodeProcess#isRunning]).
///
/// Nodes run in sessions of their own (`setsid`), so Ctrl-C and a closed terminal do not reach
/// them; the ones of a temporary cluster are told to die with the process that owns them.
@NullMarked
package org.ferrisdb.node.local;

import org.jspecify.annotations.NullMarked;
