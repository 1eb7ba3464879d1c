@NullMarked
package org.ferrisdb.raft;

import org.jspecify.annotations.NullMarked;
