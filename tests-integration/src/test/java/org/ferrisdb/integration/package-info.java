/// Tests of the whole: the architecture's rules, and clusters under faults.
@NullMarked
package org.ferrisdb.integration;

import org.jspecify.annotations.NullMarked;
