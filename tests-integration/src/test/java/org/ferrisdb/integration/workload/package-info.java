/// Tests of the workloads: what they plan, where their keys lie, and that a serial database
/// satisfies them.
@NullMarked
package org.ferrisdb.integration.workload;

import org.jspecify.annotations.NullMarked;
