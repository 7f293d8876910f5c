/// Common surnames and given-name characters; a person's name is put together by lot.
enum DemoNames {
    static let surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
        .map(String.init)

    static let given = "伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚辉玲桂英华建文海燕春秋冬雪梅兰竹菊松柏云雨晨阳星月宁安康乐欣怡雅婷浩然博宇轩子涵思远志成国庆家和"
        .map(String.init)
}
