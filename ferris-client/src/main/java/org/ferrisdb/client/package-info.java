/// The Java API of FerrisDB and its wire protocol.
@NullMarked
package org.ferrisdb.client;

import org.jspecify.annotations.NullMarked;
