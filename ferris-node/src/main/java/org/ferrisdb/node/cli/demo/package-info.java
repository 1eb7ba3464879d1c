/// The live screen of `ferris demo`: what it shows, and what its keys do.
///
/// ```
///   DemoControl ── state() ──▶ DemoState ──▶ DemoScreen ──▶ lines ──▶ terminal     several times a
///        ▲                                                               │          second
///        └── kill, pause, cut, heal, quit ◀── LiveDemo ◀── keys ◀────────┘
/// ```
///
/// [DemoScreen] is a pure function from a state and a size to lines, tested against whole screens.
/// [LiveDemo] owns the terminal and knows nothing of databases. Behind [DemoControl] is the real
/// thing (`org.ferrisdb.node.cli.load`), or a puppet in tests.
@NullMarked
package org.ferrisdb.node.cli.demo;

import org.jspecify.annotations.NullMarked;
