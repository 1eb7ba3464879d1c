@NullMarked
package org.ferrisdb.shard.meta;

import org.jspecify.annotations.NullMarked;
