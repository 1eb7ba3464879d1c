package org.ferrisdb.integration.check;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An operation as what it needs registers to hold, and what it makes them hold. A read expects, a
/// write sets, a compare-and-set does both, a scan expects many at once. Values may be null:
/// absent.
///
/// @param operation which
/// @param expects by register
/// @param sets by register
record Access(
    Operation operation,
    Map<String, @Nullable Object> expects,
    Map<String, @Nullable Object> sets) {}
