/// The web console: one page that shows a cluster as it is now, served by every node's HTTP port at
/// `/` and `/console`, and what it is drawn from, `/console/data`.
///
/// ```
///                    every node                                      the node whose page is open
///   front door ─▶ TrafficRecorder ─┐                              ConsoleService, at most once in 1.9 s
///   groups, map ─▶ Observation ────┼▶ NodeActivity ◀── "activity" ──  ActivityGatherer ─▶ ClusterTraffic
///                  (ObservedChanges)                ◀── status ─────  ClusterProbe     ─▶ health, shards
///                                                                       ▼
///                                                 browser ◀── JSON ── ConsoleBuilder, ConsoleData
/// ```
///
/// A node keeps what can not be asked for later, the last five minutes of its own traffic and what
/// it saw happen, in rings of fixed size. All else is asked for when somebody looks: a page that
/// nobody has open costs nothing but a timer. Any number of open pages cost as much as one, because
/// a node gathers once and gives the same answer to all until that is stale.
///
/// To read: [ConsoleData] (what the page gets), [ConsoleBuilder] (how it is made of answers; pure),
/// [ObservedChanges] (what makes an event; pure). The page itself is plain HTML, CSS and JavaScript
/// in the resources of this package; it asks no other machine for anything, and its headers
/// ([ConsolePage]) forbid it to. What users stored (keys) never becomes markup: the page sets text,
/// not HTML.
@NullMarked
package org.ferrisdb.node.console;

import org.jspecify.annotations.NullMarked;
