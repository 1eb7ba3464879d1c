/** Tests of the planted bugs themselves. */
@NullMarked
package org.ferrisdb.integration.planted;

import org.jspecify.annotations.NullMarked;
