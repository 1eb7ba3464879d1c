@NullMarked
package org.ferrisdb.shard;

import org.jspecify.annotations.NullMarked;
