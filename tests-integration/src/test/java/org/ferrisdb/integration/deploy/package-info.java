/// What `deploy/` ships beside the image, held against the running code.
@NullMarked
package org.ferrisdb.integration.deploy;

import org.jspecify.annotations.NullMarked;
