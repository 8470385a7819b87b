// Written by scripts/notice.py; run it when the packages change.

/// The text of `NOTICE`, part of the program so that a single binary is enough.
package let noticeText: StaticString = ##"""
    dashscope-gateway is under the MIT licence (the file LICENSE). The program contains the Swift runtime and these packages, under
    the licences that follow.

    swift: https://github.com/swiftlang/swift (Apache-2.0 with Swift-exception)
    swift-argument-parser: https://github.com/apple/swift-argument-parser (Apache-2.0 with Swift-exception)
    swift-asn1: https://github.com/apple/swift-asn1 (Apache-2.0)
    swift-async-algorithms: https://github.com/apple/swift-async-algorithms (Apache-2.0 with Swift-exception)
    swift-atomics: https://github.com/apple/swift-atomics (Apache-2.0 with Swift-exception)
    swift-collections: https://github.com/apple/swift-collections (Apache-2.0 with Swift-exception)
    swift-configuration: https://github.com/apple/swift-configuration (Apache-2.0)
    swift-corelibs-foundation: https://github.com/swiftlang/swift-corelibs-foundation (Apache-2.0 with Swift-exception)
    swift-corelibs-libdispatch: https://github.com/swiftlang/swift-corelibs-libdispatch (Apache-2.0 with Swift-exception)
    swift-crypto: https://github.com/apple/swift-crypto (Apache-2.0)
    swift-distributed-tracing: https://github.com/apple/swift-distributed-tracing (Apache-2.0)
    swift-foundation: https://github.com/swiftlang/swift-foundation (Apache-2.0 with Swift-exception)
    swift-foundation-icu: https://github.com/swiftlang/swift-foundation-icu (Apache-2.0 with Swift-exception)
    swift-log: https://github.com/apple/swift-log (Apache-2.0)
    swift-metrics: https://github.com/apple/swift-metrics (Apache-2.0)
    swift-nio: https://github.com/apple/swift-nio (Apache-2.0)
    swift-nio-http2: https://github.com/apple/swift-nio-http2 (Apache-2.0)
    swift-nio-ssl: https://github.com/apple/swift-nio-ssl (Apache-2.0)
    swift-service-lifecycle: https://github.com/swift-server/swift-service-lifecycle (Apache-2.0)
    swift-system: https://github.com/apple/swift-system (Apache-2.0 with Swift-exception)
    yams: https://github.com/jpsim/Yams (MIT)
    boringssl: a part of swift-nio-ssl
    icu: a part of swift-foundation-icu
    libyaml: a part of yams
    llhttp: a part of swift-nio
    sqlite: https://www.sqlite.org/copyright.html (public domain)

    ====================================================================================================
    Apache License 2.0, with the Runtime Library Exception of the Swift project
    ====================================================================================================

                                     Apache License
                               Version 2.0, January 2004
                            http://www.apache.org/licenses/

        TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION

        1. Definitions.

          "License" shall mean the terms and conditions for use, reproduction,
          and distribution as defined by Sections 1 through 9 of this document.

          "Licensor" shall mean the copyright owner or entity authorized by
          the copyright owner that is granting the License.

          "Legal Entity" shall mean the union of the acting entity and all
          other entities that control, are controlled by, or are under common
          control with that entity. For the purposes of this definition,
          "control" means (i) the power, direct or indirect, to cause the
          direction or management of such entity, whether by contract or
          otherwise, or (ii) ownership of fifty percent (50%) or more of the
          outstanding shares, or (iii) beneficial ownership of such entity.

          "You" (or "Your") shall mean an individual or Legal Entity
          exercising permissions granted by this License.

          "Source" form shall mean the preferred form for making modifications,
          including but not limited to software source code, documentation
          source, and configuration files.

          "Object" form shall mean any form resulting from mechanical
          transformation or translation of a Source form, including but
          not limited to compiled object code, generated documentation,
          and conversions to other media types.

          "Work" shall mean the work of authorship, whether in Source or
          Object form, made available under the License, as indicated by a
          copyright notice that is included in or attached to the work
          (an example is provided in the Appendix below).

          "Derivative Works" shall mean any work, whether in Source or Object
          form, that is based on (or derived from) the Work and for which the
          editorial revisions, annotations, elaborations, or other modifications
          represent, as a whole, an original work of authorship. For the purposes
          of this License, Derivative Works shall not include works that remain
          separable from, or merely link (or bind by name) to the interfaces of,
          the Work and Derivative Works thereof.

          "Contribution" shall mean any work of authorship, including
          the original version of the Work and any modifications or additions
          to that Work or Derivative Works thereof, that is intentionally
          submitted to Licensor for inclusion in the Work by the copyright owner
          or by an individual or Legal Entity authorized to submit on behalf of
          the copyright owner. For the purposes of this definition, "submitted"
          means any form of electronic, verbal, or written communication sent
          to the Licensor or its representatives, including but not limited to
          communication on electronic mailing lists, source code control systems,
          and issue tracking systems that are managed by, or on behalf of, the
          Licensor for the purpose of discussing and improving the Work, but
          excluding communication that is conspicuously marked or otherwise
          designated in writing by the copyright owner as "Not a Contribution."

          "Contributor" shall mean Licensor and any individual or Legal Entity
          on behalf of whom a Contribution has been received by Licensor and
          subsequently incorporated within the Work.

        2. Grant of Copyright License. Subject to the terms and conditions of
          this License, each Contributor hereby grants to You a perpetual,
          worldwide, non-exclusive, no-charge, royalty-free, irrevocable
          copyright license to reproduce, prepare Derivative Works of,
          publicly display, publicly perform, sublicense, and distribute the
          Work and such Derivative Works in Source or Object form.

        3. Grant of Patent License. Subject to the terms and conditions of
          this License, each Contributor hereby grants to You a perpetual,
          worldwide, non-exclusive, no-charge, royalty-free, irrevocable
          (except as stated in this section) patent license to make, have made,
          use, offer to sell, sell, import, and otherwise transfer the Work,
          where such license applies only to those patent claims licensable
          by such Contributor that are necessarily infringed by their
          Contribution(s) alone or by combination of their Contribution(s)
          with the Work to which such Contribution(s) was submitted. If You
          institute patent litigation against any entity (including a
          cross-claim or counterclaim in a lawsuit) alleging that the Work
          or a Contribution incorporated within the Work constitutes direct
          or contributory patent infringement, then any patent licenses
          granted to You under this License for that Work shall terminate
          as of the date such litigation is filed.

        4. Redistribution. You may reproduce and distribute copies of the
          Work or Derivative Works thereof in any medium, with or without
          modifications, and in Source or Object form, provided that You
          meet the following conditions:

          (a) You must give any other recipients of the Work or
              Derivative Works a copy of this License; and

          (b) You must cause any modified files to carry prominent notices
              stating that You changed the files; and

          (c) You must retain, in the Source form of any Derivative Works
              that You distribute, all copyright, patent, trademark, and
              attribution notices from the Source form of the Work,
              excluding those notices that do not pertain to any part of
              the Derivative Works; and

          (d) If the Work includes a "NOTICE" text file as part of its
              distribution, then any Derivative Works that You distribute must
              include a readable copy of the attribution notices contained
              within such NOTICE file, excluding those notices that do not
              pertain to any part of the Derivative Works, in at least one
              of the following places: within a NOTICE text file distributed
              as part of the Derivative Works; within the Source form or
              documentation, if provided along with the Derivative Works; or,
              within a display generated by the Derivative Works, if and
              wherever such third-party notices normally appear. The contents
              of the NOTICE file are for informational purposes only and
              do not modify the License. You may add Your own attribution
              notices within Derivative Works that You distribute, alongside
              or as an addendum to the NOTICE text from the Work, provided
              that such additional attribution notices cannot be construed
              as modifying the License.

          You may add Your own copyright statement to Your modifications and
          may provide additional or different license terms and conditions
          for use, reproduction, or distribution of Your modifications, or
          for any such Derivative Works as a whole, provided Your use,
          reproduction, and distribution of the Work otherwise complies with
          the conditions stated in this License.

        5. Submission of Contributions. Unless You explicitly state otherwise,
          any Contribution intentionally submitted for inclusion in the Work
          by You to the Licensor shall be under the terms and conditions of
          this License, without any additional terms or conditions.
          Notwithstanding the above, nothing herein shall supersede or modify
          the terms of any separate license agreement you may have executed
          with Licensor regarding such Contributions.

        6. Trademarks. This License does not grant permission to use the trade
          names, trademarks, service marks, or product names of the Licensor,
          except as required for reasonable and customary use in describing the
          origin of the Work and reproducing the content of the NOTICE file.

        7. Disclaimer of Warranty. Unless required by applicable law or
          agreed to in writing, Licensor provides the Work (and each
          Contributor provides its Contributions) on an "AS IS" BASIS,
          WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or
          implied, including, without limitation, any warranties or conditions
          of TITLE, NON-INFRINGEMENT, MERCHANTABILITY, or FITNESS FOR A
          PARTICULAR PURPOSE. You are solely responsible for determining the
          appropriateness of using or redistributing the Work and assume any
          risks associated with Your exercise of permissions under this License.

        8. Limitation of Liability. In no event and under no legal theory,
          whether in tort (including negligence), contract, or otherwise,
          unless required by applicable law (such as deliberate and grossly
          negligent acts) or agreed to in writing, shall any Contributor be
          liable to You for damages, including any direct, indirect, special,
          incidental, or consequential damages of any character arising as a
          result of this License or out of the use or inability to use the
          Work (including but not limited to damages for loss of goodwill,
          work stoppage, computer failure or malfunction, or any and all
          other commercial damages or losses), even if such Contributor
          has been advised of the possibility of such damages.

        9. Accepting Warranty or Additional Liability. While redistributing
          the Work or Derivative Works thereof, You may choose to offer,
          and charge a fee for, acceptance of support, warranty, indemnity,
          or other liability obligations and/or rights consistent with this
          License. However, in accepting such obligations, You may act only
          on Your own behalf and on Your sole responsibility, not on behalf
          of any other Contributor, and only if You agree to indemnify,
          defend, and hold each Contributor harmless for any liability
          incurred by, or claims asserted against, such Contributor by reason
          of your accepting any such warranty or additional liability.

        END OF TERMS AND CONDITIONS

        APPENDIX: How to apply the Apache License to your work.

          To apply the Apache License to your work, attach the following
          boilerplate notice, with the fields enclosed by brackets "[]"
          replaced with your own identifying information. (Don't include
          the brackets!)  The text should be enclosed in the appropriate
          comment syntax for the file format. We also recommend that a
          file or class name and description of purpose be included on the
          same "printed page" as the copyright notice for easier
          identification within third-party archives.

        Copyright [yyyy] [name of copyright owner]

        Licensed under the Apache License, Version 2.0 (the "License");
        you may not use this file except in compliance with the License.
        You may obtain a copy of the License at

           http://www.apache.org/licenses/LICENSE-2.0

        Unless required by applicable law or agreed to in writing, software
        distributed under the License is distributed on an "AS IS" BASIS,
        WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
        See the License for the specific language governing permissions and
        limitations under the License.



    ## Runtime Library Exception to the Apache 2.0 License: ##


        As an exception, if you use this Software to compile your source code and
        portions of this Software are embedded into the binary product as a result,
        you may redistribute such product without providing attribution as would
        otherwise be required by Sections 4(a), 4(b) and 4(d) of the License.

    ====================================================================================================
    Licence of yams
    ====================================================================================================

    The MIT License (MIT)

    Copyright (c) 2016 JP Simard.

    Permission is hereby granted, free of charge, to any person obtaining a copy
    of this software and associated documentation files (the "Software"), to deal
    in the Software without restriction, including without limitation the rights
    to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
    copies of the Software, and to permit persons to whom the Software is
    furnished to do so, subject to the following conditions:

    The above copyright notice and this permission notice shall be included in all
    copies or substantial portions of the Software.

    THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
    IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
    FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
    AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
    LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
    OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
    SOFTWARE.

    ====================================================================================================
    Licence of boringssl
    ====================================================================================================

    BoringSSL is a fork of OpenSSL. Code of OpenSSL 3 and of Google is under the Apache License 2.0 (above); earlier code of Google
    is under the ISC licence:

    Copyright (c) Google Inc.

    Permission to use, copy, modify, and/or distribute this software for any
    purpose with or without fee is hereby granted, provided that the above
    copyright notice and this permission notice appear in all copies.

    THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
    WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
    MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY
    SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
    WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION
    OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN
    CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.

    Parts made by fiat-crypto are under the MIT licence:

    Copyright (c) 2015-2020 the fiat-crypto authors (see
    https://github.com/mit-plv/fiat-crypto/blob/master/AUTHORS).

    Permission is hereby granted, free of charge, to any person obtaining a copy
    of this software and associated documentation files (the "Software"), to deal
    in the Software without restriction, including without limitation the rights
    to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
    copies of the Software, and to permit persons to whom the Software is
    furnished to do so, subject to the following conditions:

    The above copyright notice and this permission notice shall be included in all
    copies or substantial portions of the Software.

    THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
    IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
    FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
    AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
    LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
    OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
    SOFTWARE.

    ====================================================================================================
    Licence of icu
    ====================================================================================================

    UNICODE LICENSE V3

    COPYRIGHT AND PERMISSION NOTICE

    Copyright © 2016-2024 Unicode, Inc.

    NOTICE TO USER: Carefully read the following legal agreement. BY
    DOWNLOADING, INSTALLING, COPYING OR OTHERWISE USING DATA FILES, AND/OR
    SOFTWARE, YOU UNEQUIVOCALLY ACCEPT, AND AGREE TO BE BOUND BY, ALL OF THE
    TERMS AND CONDITIONS OF THIS AGREEMENT. IF YOU DO NOT AGREE, DO NOT
    DOWNLOAD, INSTALL, COPY, DISTRIBUTE OR USE THE DATA FILES OR SOFTWARE.

    Permission is hereby granted, free of charge, to any person obtaining a
    copy of data files and any associated documentation (the "Data Files") or
    software and any associated documentation (the "Software") to deal in the
    Data Files or Software without restriction, including without limitation
    the rights to use, copy, modify, merge, publish, distribute, and/or sell
    copies of the Data Files or Software, and to permit persons to whom the
    Data Files or Software are furnished to do so, provided that either (a)
    this copyright and permission notice appear with all copies of the Data
    Files or Software, or (b) this copyright and permission notice appear in
    associated Documentation.

    THE DATA FILES AND SOFTWARE ARE PROVIDED "AS IS", WITHOUT WARRANTY OF ANY
    KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
    MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT OF
    THIRD PARTY RIGHTS.

    IN NO EVENT SHALL THE COPYRIGHT HOLDER OR HOLDERS INCLUDED IN THIS NOTICE
    BE LIABLE FOR ANY CLAIM, OR ANY SPECIAL INDIRECT OR CONSEQUENTIAL DAMAGES,
    OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS,
    WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION,
    ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THE DATA
    FILES OR SOFTWARE.

    Except as contained in this notice, the name of a copyright holder shall
    not be used in advertising or otherwise to promote the sale, use or other
    dealings in these Data Files or Software without prior written
    authorization of the copyright holder.

    ICU holds further data under licences of their own, such as dictionaries for word breaks; they are listed in
    https://github.com/swiftlang/swift-foundation-icu/blob/main/LICENSE.md

    ====================================================================================================
    Licence of libyaml
    ====================================================================================================

    Copyright (c) 2017-2020 Ingy döt Net
    Copyright (c) 2006-2016 Kirill Simonov

    Permission is hereby granted, free of charge, to any person obtaining a copy of
    this software and associated documentation files (the "Software"), to deal in
    the Software without restriction, including without limitation the rights to
    use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
    of the Software, and to permit persons to whom the Software is furnished to do
    so, subject to the following conditions:

    The above copyright notice and this permission notice shall be included in all
    copies or substantial portions of the Software.

    THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
    IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
    FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
    AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
    LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
    OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
    SOFTWARE.

    ====================================================================================================
    Licence of llhttp
    ====================================================================================================

    This software is licensed under the MIT License.

    Copyright Fedor Indutny, 2018.

    Permission is hereby granted, free of charge, to any person obtaining a
    copy of this software and associated documentation files (the
    "Software"), to deal in the Software without restriction, including
    without limitation the rights to use, copy, modify, merge, publish,
    distribute, sublicense, and/or sell copies of the Software, and to permit
    persons to whom the Software is furnished to do so, subject to the
    following conditions:

    The above copyright notice and this permission notice shall be included
    in all copies or substantial portions of the Software.

    THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS
    OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
    MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
    NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
    DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
    OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE
    USE OR OTHER DEALINGS IN THE SOFTWARE.

    ====================================================================================================
    Notice of swift-asn1
    ====================================================================================================

                                The SwiftASN1 Project
                                =====================

    Please visit the SwiftASN1 web site for more information:

      * https://github.com/apple/swift-asn1

    Copyright 2022 The SwiftASN1 Project

    The SwiftASN1 Project licenses this file to you under the Apache License,
    version 2.0 (the "License"); you may not use this file except in compliance
    with the License. You may obtain a copy of the License at:

      https://www.apache.org/licenses/LICENSE-2.0

    Unless required by applicable law or agreed to in writing, software
    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
    License for the specific language governing permissions and limitations
    under the License.

    Also, please refer to each LICENSE.txt file, which is located in
    the 'license' directory of the distribution file, for the license terms of the
    components that this product depends on.

    ---

    This product contains derivations of various scripts from SwiftNIO.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://github.com/apple/swift-nio

    ---

    This product contains derivations of various scripts from Swift OpenAPI Generator.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://github.com/apple/swift-openapi-generator

    ====================================================================================================
    Notice of swift-configuration
    ====================================================================================================

                           The SwiftConfiguration Project
                           =================================

    Please visit the SwiftConfiguration web site for more information:

      * https://github.com/apple/swift-configuration

    Copyright 2025 The SwiftConfiguration Project

    The SwiftConfiguration Project licenses this file to you under the Apache
    License, version 2.0 (the "License"); you may not use this file except in
    compliance with the License. You may obtain a copy of the License at:

      https://www.apache.org/licenses/LICENSE-2.0

    Unless required by applicable law or agreed to in writing, software
    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
    License for the specific language governing permissions and limitations
    under the License.

    Also, please refer to each LICENSE.txt file, which is located in
    the 'license' directory of the distribution file, for the license terms of the
    components that this product depends on.

    -------------------------------------------------------------------------------

    This repository contains the gyb script from the swiftlang/swift repository.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://github.com/swiftlang/swift

    ---

    This repository contains a modified copy of the test-examples.sh script the apple/swift-openapi-generator repository.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://github.com/apple/swift-openapi-generator

    ---

    ====================================================================================================
    Notice of swift-crypto
    ====================================================================================================

                                The SwiftCrypto Project
                                =======================

    Please visit the SwiftCrypto web site for more information:

      * https://github.com/apple/swift-crypto

    Copyright 2019 The SwiftCrypto Project

    The SwiftCrypto Project licenses this file to you under the Apache License,
    version 2.0 (the "License"); you may not use this file except in compliance
    with the License. You may obtain a copy of the License at:

      https://www.apache.org/licenses/LICENSE-2.0

    Unless required by applicable law or agreed to in writing, software
    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
    License for the specific language governing permissions and limitations
    under the License.

    Also, please refer to each LICENSE.<component>.txt file, which is located in
    the 'license' directory of the distribution file, for the license terms of the
    components that this product depends on.

    -------------------------------------------------------------------------------

    This product contains test vectors from Google's wycheproof project.

      * LICENSE (Apache License 2.0):
        * https://github.com/C2SP/wycheproof/blob/31387e2cd596587c859c611027b6a44d2e2b65ff/LICENSE
      * HOMEPAGE:
        * https://github.com/google/wycheproof

    ---

    This product contains a derivation of various files from SwiftNIO.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://github.com/apple/swift-nio

    ====================================================================================================
    Notice of swift-log
    ====================================================================================================

                                The SwiftLog Project
                                ========================

    Please visit the SwiftLog web site for more information:

      * https://github.com/apple/swift-log

    Copyright 2018, 2019 The SwiftLog Project

    The SwiftLog Project licenses this file to you under the Apache License,
    version 2.0 (the "License"); you may not use this file except in compliance
    with the License. You may obtain a copy of the License at:

      https://www.apache.org/licenses/LICENSE-2.0

    Unless required by applicable law or agreed to in writing, software
    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
    License for the specific language governing permissions and limitations
    under the License.

    Also, please refer to each LICENSE.<component>.txt file, which is located in
    the 'license' directory of the distribution file, for the license terms of the
    components that this product depends on.

    -------------------------------------------------------------------------------

    This product contains a derivation of the lock implementation and various
    scripts from SwiftNIO.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://github.com/apple/swift-nio

    ====================================================================================================
    Notice of swift-metrics
    ====================================================================================================

                                The SwiftMetrics Project
                                ========================

    Please visit the SwiftMetrics web site for more information:

      * https://github.com/apple/swift-metrics

    Copyright 2018, 2019 The SwiftMetrics Project

    The SwiftMetrics Project licenses this file to you under the Apache License,
    version 2.0 (the "License"); you may not use this file except in compliance
    with the License. You may obtain a copy of the License at:

      https://www.apache.org/licenses/LICENSE-2.0

    Unless required by applicable law or agreed to in writing, software
    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
    License for the specific language governing permissions and limitations
    under the License.

    Also, please refer to each LICENSE.<component>.txt file, which is located in
    the 'license' directory of the distribution file, for the license terms of the
    components that this product depends on.

    -------------------------------------------------------------------------------

    This product contains a derivation of the lock implementation and various scripts from SwiftNIO.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://github.com/apple/swift-nio

    ====================================================================================================
    Notice of swift-nio
    ====================================================================================================

                                The SwiftNIO Project
                                ====================

    Please visit the SwiftNIO web site for more information:

      * https://github.com/apple/swift-nio

    Copyright 2017, 2018 The SwiftNIO Project

    The SwiftNIO Project licenses this file to you under the Apache License,
    version 2.0 (the "License"); you may not use this file except in compliance
    with the License. You may obtain a copy of the License at:

      https://www.apache.org/licenses/LICENSE-2.0

    Unless required by applicable law or agreed to in writing, software
    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
    License for the specific language governing permissions and limitations
    under the License.

    Also, please refer to each LICENSE.<component>.txt file, which is located in
    the 'license' directory of the distribution file, for the license terms of the
    components that this product depends on.

    -------------------------------------------------------------------------------

    This product is heavily influenced by Netty.

      * LICENSE (Apache License 2.0):
        * https://github.com/netty/netty/blob/4.1/LICENSE.txt
      * HOMEPAGE:
        * https://netty.io

    ---

    This product contains NodeJS's llhttp.

      * LICENSE (MIT):
        * https://github.com/nodejs/llhttp/blob/1e1c5b43326494e97cf8244ff57475eb72a1b62c/LICENSE-MIT
      * HOMEPAGE:
        * https://github.com/nodejs/llhttp

    ---

    This product contains "cpp_magic.h" from Thomas Nixon & Jonathan Heathcote's uSHET

      * LICENSE (MIT):
        * https://github.com/18sg/uSHET/blob/c09e0acafd86720efe42dc15c63e0cc228244c32/lib/cpp_magic.h
      * HOMEPAGE:
        * https://github.com/18sg/uSHET

    ---

    This product contains "sha1.c" and "sha1.h" from FreeBSD (Copyright (C) 1995, 1996, 1997, and 1998 WIDE Project)

      * LICENSE (BSD-3):
        * https://opensource.org/licenses/BSD-3-Clause
      * HOMEPAGE:
        * https://github.com/freebsd/freebsd-src

    ---

    This product contains a derivation of Fabian Fett's 'Base64.swift'.

      * LICENSE (Apache License 2.0):
        * https://github.com/swift-extras/swift-extras-base64/blob/b8af49699d59ad065b801715a5009619100245ca/LICENSE
      * HOMEPAGE:
        * https://github.com/fabianfett/swift-base64-kit

    ---

    This product contains a derivation of "XCTest+AsyncAwait.swift" & "StructuredConcurrencyHelpers" from AsyncHTTPClient.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://github.com/swift-server/async-http-client

    ---

    This product contains a derivation of "_TinyArray.swift" from SwiftCertificates.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://github.com/apple/swift-certificates

    ---

    This product contains a derivation of the mocking infrastructure from Swift System.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://github.com/apple/swift-system

    ---

    This product contains a derivation of "TokenBucket.swift" from Swift Package Manager.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://github.com/swiftlang/swift-package-manager

    ====================================================================================================
    Notice of swift-nio-http2
    ====================================================================================================

                                The SwiftNIO Project
                                ====================

    Please visit the SwiftNIO web site for more information:

      * https://github.com/apple/swift-nio

    Copyright 2017, 2018 The SwiftNIO Project

    The SwiftNIO Project licenses this file to you under the Apache License,
    version 2.0 (the "License"); you may not use this file except in compliance
    with the License. You may obtain a copy of the License at:

      https://www.apache.org/licenses/LICENSE-2.0

    Unless required by applicable law or agreed to in writing, software
    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
    License for the specific language governing permissions and limitations
    under the License.

    Also, please refer to each LICENSE.<component>.txt file, which is located in
    the 'license' directory of the distribution file, for the license terms of the
    components that this product depends on.

    -------------------------------------------------------------------------------

    This product is heavily influenced by Netty.

      * LICENSE (Apache License 2.0):
        * https://github.com/netty/netty/blob/4.1/LICENSE.txt
      * HOMEPAGE:
        * https://netty.io

    ---

    This product contains a derivation of the Tony Stone's 'process_test_files.rb'.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://codegists.com/snippet/ruby/generate_xctest_linux_runnerrb_tonystone_ruby

    ---

    The unit tests make use of 'hpack-test-case' by jxck, summerwind, kazu-yamamoto, and tatsuhiro-t.

      * LICENSE (MIT):
        * https://opensource.org/licenses/MIT
      * HOMEPAGE:
        * https://github.com/http2jp/hpack-test-case

    ---

    This product contains a fuzz testing harness derived from Swift Protobuf.

      * LICENSE (Apache License 2.0):
        * https://github.com/apple/swift-protobuf/blob/main/LICENSE.txt
      * HOMEPAGE:
        * https://github.com/apple/swift-protobuf

    ---

    This product contains a graceful shutdown connection manager derived from gRPC Swift NIO Transport.

      * LICENSE (Apache License 2.0):
        * https://github.com/grpc/grpc-swift-nio-transport/blob/main/LICENSE
      * HOMEPAGE:
        * https://github.com/gRPC/gRPC-swift-nio-transport

    ====================================================================================================
    Notice of swift-nio-ssl
    ====================================================================================================

                                The SwiftNIO Project
                                ====================

    Please visit the SwiftNIO web site for more information:

      * https://github.com/apple/swift-nio

    Copyright 2017, 2018 The SwiftNIO Project

    The SwiftNIO Project licenses this file to you under the Apache License,
    version 2.0 (the "License"); you may not use this file except in compliance
    with the License. You may obtain a copy of the License at:

      https://www.apache.org/licenses/LICENSE-2.0

    Unless required by applicable law or agreed to in writing, software
    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
    License for the specific language governing permissions and limitations
    under the License.

    Also, please refer to each LICENSE.<component>.txt file, which is located in
    the 'license' directory of the distribution file, for the license terms of the
    components that this product depends on.

    -------------------------------------------------------------------------------

    This product is heavily influenced by Netty.

      * LICENSE (Apache License 2.0):
        * https://github.com/netty/netty/blob/4.1/LICENSE.txt
      * HOMEPAGE:
        * https://netty.io

    ---

    This product contains a derivation of the Tony Stone's 'process_test_files.rb'.

      * LICENSE (Apache License 2.0):
        * https://www.apache.org/licenses/LICENSE-2.0
      * HOMEPAGE:
        * https://codegists.com/snippet/ruby/generate_xctest_linux_runnerrb_tonystone_ruby

    ---

    This product contains code derived from grpc-swift.

      * LICENSE (Apache License 2.0):
        * https://github.com/grpc/grpc-swift/blob/0.7.0/LICENSE
      * HOMEPAGE:
        * https://github.com/grpc/grpc-swift

    ---

    This product contains code from boringssl.

      * LICENSE (Combination ISC and OpenSSL license)
        * https://boringssl.googlesource.com/boringssl/+/refs/heads/master/LICENSE
      * HOMEPAGE:
        * https://boringssl.googlesource.com/boringssl/

    ====================================================================================================
    Notice of swift-service-lifecycle
    ====================================================================================================

    The ServiceLifecycle Project
    ===========================

    Please visit the ServiceLifecycle web site for more information:

    * https://github.com/swift-server/swift-service-lifecycle

    Copyright 2019-2023 The ServiceLifecycle Project

    The ServiceLifecycle Project licenses this file to you under the Apache License,
    version 2.0 (the "License"); you may not use this file except in compliance
    with the License. You may obtain a copy of the License at:

    https://www.apache.org/licenses/LICENSE-2.0

    Unless required by applicable law or agreed to in writing, software
    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
    License for the specific language governing permissions and limitations
    under the License.

    Also, please refer to each LICENSE.txt file, which is located in
    the 'license' directory of the distribution file, for the license terms of the
    components that this product depends on.

    ---

    This product contains derivations of the Lock and LockedValueBox implementations from SwiftNIO.

    * LICENSE (Apache License 2.0):
    * https://www.apache.org/licenses/LICENSE-2.0
    * HOMEPAGE:
    * https://github.com/apple/swift-nio

    ---

    This product uses swift-async-algorithms.

    * LICENSE (Apache License 2.0):
    * https://www.apache.org/licenses/LICENSE-2.0
    * HOMEPAGE:
    * https://github.com/apple/swift-async-algorithms

    ---

    """##
