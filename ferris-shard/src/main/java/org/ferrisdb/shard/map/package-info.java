@NullMarked
package org.ferrisdb.shard.map;

import org.jspecify.annotations.NullMarked;
