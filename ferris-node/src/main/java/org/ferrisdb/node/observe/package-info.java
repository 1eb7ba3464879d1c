/// How a node tells what it does: [NodeMetrics] (Prometheus text at `/metrics`), [StatusReport]
/// (JSON at `/status` and over the front door), health for load balancers and supervisors
/// ([HttpEndpoint]), logs ([Logging]: one line an event, `key=value`, bounded on disk), and the log
/// of slow operations ([SlowLog]), which says where the time of each went.
///
/// Everything is asked for when somebody looks; only requests are counted as they pass.
@NullMarked
package org.ferrisdb.node.observe;

import org.jspecify.annotations.NullMarked;
